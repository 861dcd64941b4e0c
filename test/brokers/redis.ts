import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { expect, test } from 'vitest';
import { freePort } from '../fixtures/free-ports.js';

/** A Redis for one test file. */
export interface RedisServer {
  readonly url: string;
  dispose(): Promise<void>;
}

export type RedisSource =
  | {
      readonly kind: 'given' | 'container' | 'binary';
      /** For the names of tests. */
      readonly what: string;
      start(): Promise<RedisServer>;
    }
  | { readonly kind: 'none'; readonly reason: string };

const IMAGE = 'redis:7.4-alpine';

/** REDIS_URL where given; else a container where a Docker engine answers; else redis-server. */
export async function findRedis(): Promise<RedisSource> {
  const url = process.env.REDIS_URL;
  if (url !== undefined && url !== '') {
    const start = async () => ({ url, dispose: async () => undefined });
    return { kind: 'given', what: 'the server of REDIS_URL', start };
  }
  if (await dockerAnswers())
    return { kind: 'container', what: `container ${IMAGE}`, start: startContainer };
  const version = redisServerVersion();
  if (version !== undefined)
    return { kind: 'binary', what: version, start: () => LocalRedis.start() };
  return {
    kind: 'none',
    reason: 'REDIS_URL is not set, no Docker engine answers and redis-server is not on the PATH',
  };
}

/** Says loudly what is not tested; where CI promises a server, that is a failure. */
export function reportNoRedis(what: string, reason: string): void {
  const report = process.env.CI === 'true' ? test : test.skip;
  report(`${what}: skipped: ${reason}`, () => expect.fail(reason));
}

/** "Redis server v=7.0.15" where Debian's (or any other) redis-server is installed. */
export function redisServerVersion(): string | undefined {
  const { status, stdout } = spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
  return status === 0 ? /^Redis server v=\S+/.exec(stdout)?.[0] : undefined;
}

async function startContainer(): Promise<RedisServer> {
  // Loaded where it is needed: it is large.
  const { GenericContainer } = await import('testcontainers');
  const container = await new GenericContainer(IMAGE).withExposedPorts(6379).start();
  return {
    url: `redis://${container.getHost()}:${container.getMappedPort(6379)}`,
    dispose: async () => {
      await container.stop();
    },
  };
}

/** Asks the engine itself, for at most two seconds: an installed client says nothing. */
function dockerAnswers(): Promise<boolean> {
  const host = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
  const address = URL.canParse(host) ? new URL(host) : undefined;
  const where =
    address?.protocol === 'unix:'
      ? { socketPath: address.pathname }
      : { host: address?.hostname, port: address?.port };
  return new Promise((resolve) => {
    const ping = request({ ...where, path: '/_ping', timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.on('timeout', () => ping.destroy());
    ping.on('error', () => resolve(false));
    ping.end();
  });
}

export interface LocalRedisOptions {
  /** Further arguments; "PORT" in them stands for the port. */
  readonly args?: readonly string[];
  /** Answers when the server takes connections; default: a PING without user or TLS. */
  readonly isUp?: (port: number) => Promise<boolean>;
}

/** A redis-server process that can be killed, frozen, emptied and started again on its port. */
export class LocalRedis implements RedisServer {
  readonly port: number;
  readonly #dir: string;
  readonly #options: LocalRedisOptions;
  #process: ChildProcess | undefined;

  private constructor(port: number, dir: string, options: LocalRedisOptions) {
    this.port = port;
    this.#dir = dir;
    this.#options = options;
  }

  static async start(options: LocalRedisOptions = {}): Promise<LocalRedis> {
    const dir = await mkdtemp(join(tmpdir(), 'glitchwatch-redis-'));
    const server = new LocalRedis(await freePort(), dir, options);
    await server.startAgain();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** With what its append-only file holds, unless it was emptied. */
  async startAgain(): Promise<void> {
    const args = [
      ...['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#dir],
      ...['--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec'],
      ...['--loglevel', 'warning'],
      ...(this.#options.args ?? []).map((arg) => arg.replace('PORT', String(this.port))),
    ];
    const child = spawn('redis-server', args, { stdio: 'ignore' });
    this.#process = child;
    const isUp = this.#options.isUp ?? answersPing;
    const giveUpAt = Date.now() + 15_000;
    while (!(await isUp(this.port))) {
      if (child.exitCode !== null || Date.now() > giveUpAt)
        expect.fail(`redis-server did not come up on port ${this.port}: exit ${child.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** kill -9: what the last second wrote may be gone. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
  }

  /** Throws away everything it knew; call it between `kill` and `startAgain`. */
  async empty(): Promise<void> {
    await rm(join(this.#dir, 'appendonlydir'), { recursive: true, force: true });
  }

  /** It keeps its connections and says nothing, as behind a network that swallows everything. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  async dispose(): Promise<void> {
    this.thaw();
    await this.kill();
    await rm(this.#dir, { recursive: true, force: true });
  }
}

async function answersPing(port: number): Promise<boolean> {
  const client = createClient({
    socket: { host: '127.0.0.1', port, reconnectStrategy: false, connectTimeout: 1_000 },
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    if (client.isOpen) client.destroy();
  }
}
