import { StateStoreError } from '../errors.js';

export interface RedisStateStoreOptions {
  /** `redis://host:6379/0`, or `rediss://` for TLS. A user and password in it count, but are better given apart. */
  readonly url: string;
  /** Before every key and channel, so that a server can be shared. Default "glitchwatch:". */
  readonly keyPrefix?: string | undefined;
  /** ACL user; "default" where only a password is given. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** TLS also where the URL says `redis://`. The server's certificate is always checked. */
  readonly tls?: RedisTls | undefined;
  /** A call that has no answer by then fails with `unavailable`. Default 1000. */
  readonly commandTimeoutMs?: number | undefined;
  /** One attempt to connect. Default 2000. */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * How long `open` waits for a server that does not answer. After that the store
   * opens all the same and refuses calls with `unavailable` until the server is
   * there, because nothing in it is worth waiting for. Default 5000.
   */
  readonly openTimeoutMs?: number | undefined;
  /** Told when a connection is lost or cannot be made (once, not at each attempt), and when it is back. */
  readonly onConnection?: ((change: RedisConnectionChange) => void) | undefined;
}

export interface RedisTls {
  /** PEM texts. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Name that the certificate must carry, where it is not the host of the URL. */
  readonly serverName?: string | undefined;
}

export interface RedisConnectionChange {
  /** What the connection is for. */
  readonly role: 'commands' | 'fan-out';
  readonly isConnected: boolean;
  /** Why it was lost. */
  readonly reason?: string | undefined;
}

/** The options in full, with the URL taken apart; `address` is fit for messages. */
export interface RedisSettings {
  readonly address: string;
  readonly host: string;
  readonly port: number;
  readonly database: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: RedisTls | undefined;
  readonly keyPrefix: string;
  readonly commandTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly openTimeoutMs: number;
  readonly onConnection: (change: RedisConnectionChange) => void;
}

const DEFAULT_PORT = 6379;

/** @throws StateStoreError `bad_request`; the message never shows a password. */
export function settingsOf(options: RedisStateStoreOptions): RedisSettings {
  const { host, port, database, isTls, username, password } = partsOf(options.url);
  return {
    address: `${host.includes(':') ? `[${host}]` : host}:${port}`,
    host,
    port,
    database,
    username: options.username ?? username,
    password: options.password ?? password,
    tls: options.tls ?? (isTls ? {} : undefined),
    keyPrefix: options.keyPrefix ?? 'glitchwatch:',
    commandTimeoutMs: milliseconds('commandTimeoutMs', options.commandTimeoutMs, 1_000),
    connectTimeoutMs: milliseconds('connectTimeoutMs', options.connectTimeoutMs, 2_000),
    openTimeoutMs: milliseconds('openTimeoutMs', options.openTimeoutMs, 5_000),
    onConnection: options.onConnection ?? (() => undefined),
  };
}

function partsOf(text: string) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') {
    throw new StateStoreError(
      'bad_request',
      `url: expected redis://host:port or rediss://host:port, found ${url === undefined ? 'something else' : `${url.protocol}//${url.host}`}`,
    );
  }
  const database = url.pathname.replace(/^\//, '');
  if (!/^\d{0,5}$/.test(database)) {
    throw new StateStoreError(
      'bad_request',
      `url: expected the number of a database as path, found "${database}"`,
    );
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    database: Number(database),
    isTls: url.protocol === 'rediss:',
    username: decoded(url.username),
    password: decoded(url.password),
  };
}

function decoded(text: string): string | undefined {
  return text === '' ? undefined : decodeURIComponent(text);
}

function milliseconds(name: string, value: number | undefined, ifAbsent: number): number {
  const found = value ?? ifAbsent;
  if (Number.isFinite(found) && found > 0) return found;
  throw new StateStoreError('bad_request', `${name}: expected more than 0 ms, found ${found}`);
}
