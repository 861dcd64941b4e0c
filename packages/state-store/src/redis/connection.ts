import { createClient, RESP_TYPES } from 'redis';
import { StateStoreError } from '../errors.js';
import type { RedisConnectionChange, RedisSettings } from './options.js';
import { isRefusal, toStateStoreError } from './redis-error.js';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
/** An idle connection asks for a sign of life this often … */
const PING_MS = 2_000;
/** … and one on which nothing moves for this long is taken for dead (half-open). */
const SILENCE_MS = 6_000;
/** Commands that may wait for their answers at once; more are refused. */
const MAX_WAITING_COMMANDS = 65_536;

/** Replies come as Buffers: the values are bytes. Field names stay strings. */
function createRedisClient(settings: RedisSettings, mayRetry: (cause: Error) => boolean) {
  const { host, port, tls, connectTimeoutMs } = settings;
  const common = {
    host,
    port,
    connectTimeout: connectTimeoutMs,
    socketTimeout: SILENCE_MS,
    reconnectStrategy: (retries: number, cause: Error) =>
      mayRetry(cause)
        ? Math.min(FIRST_PAUSE_MS * 2 ** Math.min(retries, 10), LONGEST_PAUSE_MS)
        : cause,
  };
  return createClient({
    RESP: 3,
    socket:
      tls === undefined
        ? common
        : {
            ...common,
            tls: true as const,
            ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
            ...(tls.ca === undefined ? {} : { ca: tls.ca }),
            ...(tls.cert === undefined ? {} : { cert: tls.cert }),
            ...(tls.key === undefined ? {} : { key: tls.key }),
          },
    database: settings.database,
    ...(settings.username === undefined ? {} : { username: settings.username }),
    ...(settings.password === undefined ? {} : { password: settings.password }),
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_WAITING_COMMANDS,
    pingInterval: PING_MS,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
  });
}

export type RedisClient = ReturnType<typeof createRedisClient>;

/**
 * One connection that never keeps anybody waiting: offline it refuses at once, and
 * a command without an answer fails after `commandTimeoutMs`; until that command
 * has ended one way or the other (the server answers again, or the silent
 * connection is given up) all further ones are refused at once.
 *
 * It connects again by itself, for ever. A command that was under way when the
 * connection broke may or may not have run; it is never sent twice.
 */
export class RedisConnection {
  readonly #settings: RedisSettings;
  readonly #role: RedisConnectionChange['role'];
  readonly #client: RedisClient;
  /** Commands that are late. */
  #late = 0;
  #lastReason = 'not connected yet';
  #isReportedDown = false;
  #isOpen = false;
  #closed: Promise<void> | undefined;

  constructor(settings: RedisSettings, role: RedisConnectionChange['role']) {
    this.#settings = settings;
    this.#role = role;
    // While `open` waits, a refusal is a wrong setting, which its caller must hear of.
    this.#client = createRedisClient(settings, (cause) => this.#isOpen || !isRefusal(cause));
    this.#client.on('error', (error: Error) => this.#noteDown(error));
    this.#client.on('ready', () => this.#noteUp());
  }

  /** @throws StateStoreError `unavailable` where the server refuses user, password or database. */
  async open(): Promise<void> {
    const { openTimeoutMs, address } = this.#settings;
    const connecting = this.#client.connect().then(
      () => undefined,
      (error: unknown) => {
        if (this.#closed === undefined) throw toStateStoreError(error, address);
      },
    );
    const patience = timer(openTimeoutMs);
    await Promise.race([connecting, patience]).finally(() => patience.cancel());
    this.#isOpen = true;
  }

  /** Runs commands of one tick together, as one write. */
  async run<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    this.#check();
    const { commandTimeoutMs, address } = this.#settings;
    const answer = command(this.#client);
    let isLate = false;
    const late = timer(commandTimeoutMs, () => {
      isLate = true;
      this.#late += 1;
      throw new StateStoreError(
        'unavailable',
        `Redis at ${address}: expected an answer within ${commandTimeoutMs} ms, found none`,
      );
    });
    const ended = (): void => {
      late.cancel();
      if (isLate) this.#late -= 1;
    };
    answer.then(ended, ended);
    try {
      return await Promise.race([answer, late]);
    } catch (error) {
      throw toStateStoreError(error, address);
    }
  }

  /** Waits for answers under way, no longer than one command may take. May be called twice. */
  close(): Promise<void> {
    this.#closed ??= (async () => {
      const wait = timer(this.#settings.commandTimeoutMs);
      if (this.#client.isReady) await Promise.race([this.#client.close(), wait]);
      wait.cancel();
      this.#client.destroy();
    })();
    return this.#closed;
  }

  #check(): void {
    if (this.#closed !== undefined)
      throw new StateStoreError('closed', 'the state store is closed');
    const { address } = this.#settings;
    if (!this.#client.isReady)
      throw new StateStoreError('unavailable', `Redis at ${address}: ${this.#lastReason}`);
    if (this.#late > 0)
      throw new StateStoreError('unavailable', `Redis at ${address}: waiting for a late answer`);
  }

  #noteDown(error: Error): void {
    this.#lastReason = error.message === '' ? error.name : error.message;
    if (this.#isReportedDown) return;
    this.#isReportedDown = true;
    const { onConnection } = this.#settings;
    onConnection({ role: this.#role, isConnected: false, reason: this.#lastReason });
  }

  #noteUp(): void {
    this.#isReportedDown = false;
    this.#settings.onConnection({ role: this.#role, isConnected: true });
  }
}

interface Timer<T> extends Promise<T> {
  cancel(): void;
}

function timer(ms: number): Timer<void>;
function timer(ms: number, then: () => never): Timer<never>;
function timer(ms: number, then?: () => never): Timer<void> {
  let handle: NodeJS.Timeout | undefined;
  const promise = new Promise<void>((resolve, reject) => {
    handle = setTimeout(() => {
      try {
        then?.();
        resolve();
      } catch (error) {
        reject(error);
      }
    }, ms);
  });
  return Object.assign(promise, { cancel: () => clearTimeout(handle) });
}
