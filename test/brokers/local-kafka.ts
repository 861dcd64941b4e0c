import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { freePorts } from '../fixtures/free-ports.js';
import { findKafkaJars, type KafkaJars, kafkaLocalDir } from './local-kafka-jars.js';
import { watchProcess } from './reaper.js';

const run = promisify(execFile);
const READY_DEADLINE_MS = 90_000;

export interface LocalKafkaOptions {
  /** The process at whose end the broker is stopped too, come what may; default this one. */
  readonly ownerPid?: number | undefined;
  /** Files removed then, besides the broker's own. */
  readonly remove?: readonly string[] | undefined;
  readonly minSessionTimeoutMs?: number | undefined;
  /** More listeners, as ",NAME://host:port", and the settings that they need. */
  readonly extraListeners?: ((freePort: number) => string) | undefined;
  /** How those are told to clients, where that differs: by the port of a proxy before them. */
  readonly extraAdvertised?: string | undefined;
  /** Of the broker's data; default a folder of its own. */
  readonly dataDir?: string | undefined;
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** SCRAM users, as `kafka-storage format --add-scram` takes them. */
  readonly scramUsers?: readonly string[] | undefined;
}

/** A broker started from the published jars; see the README of this folder. */
export interface LocalKafka {
  readonly brokers: readonly string[];
  /** Port of `extraListeners`. */
  readonly extraPort: number;
  /** Of the java process; changes with `restart`. */
  readonly pid: number;
  readonly dir: string;
  /** False once it has ended, by itself too. */
  isRunning(): boolean;
  /** kill -9. */
  kill(): Promise<void>;
  /** Starts again on the same data and ports; resolves when it answers. */
  restart(): Promise<void>;
  /** SIGTERM, then the data is removed. */
  stop(): Promise<void>;
}

/** Throws `NoLocalKafka` with the reason where there is no Java or no way to the jars. */
export async function startLocalKafka(options: LocalKafkaOptions = {}): Promise<LocalKafka> {
  const jars = await findKafkaJars();
  const dir = await mkdtemp(join(tmpdir(), 'glitchwatch-kafka-'));
  const broker = new Broker(jars, dir, options);
  try {
    await broker.prepare();
    await broker.restart();
    return broker;
  } catch (error) {
    const log = await readFile(join(dir, 'broker.log'), 'utf8').catch(() => 'no log');
    await broker.stop();
    throw new Error(`the local Kafka did not start: ${log.slice(-2000)}`, { cause: error });
  }
}

class Broker implements LocalKafka {
  readonly #jars: KafkaJars;
  readonly #options: LocalKafkaOptions;
  readonly dir: string;
  #port = 0;
  extraPort = 0;
  #process: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();

  constructor(jars: KafkaJars, dir: string, options: LocalKafkaOptions) {
    this.#jars = jars;
    this.dir = dir;
    this.#options = options;
  }

  get brokers(): readonly string[] {
    return [`127.0.0.1:${this.#port}`];
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  async prepare(): Promise<void> {
    const [port, controllerPort, extraPort] = await freePorts(3);
    this.#port = port!;
    this.extraPort = extraPort!;
    const extraListeners = this.#options.extraListeners?.(this.extraPort) ?? '';
    const values: Record<string, string> = {
      port: String(port),
      controllerPort: String(controllerPort),
      extraListeners,
      extraAdvertised: this.#options.extraAdvertised ?? extraListeners,
      minSessionTimeoutMs: String(this.#options.minSessionTimeoutMs ?? 1000),
      dataDir: this.#options.dataDir ?? join(this.dir, 'data'),
    };
    const template = await readFile(join(kafkaLocalDir, 'server.properties'), 'utf8');
    const settings = Object.entries(this.#options.settings ?? {}).map(([k, v]) => `${k}=${v}\n`);
    await writeFile(
      this.#config,
      template.replace(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole) +
        settings.join(''),
    );
    const tool = ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-cp', this.#jars.classPath];
    tool.push('kafka.tools.StorageTool');
    const { stdout } = await run('java', [...tool, 'random-uuid']);
    const users = (this.#options.scramUsers ?? []).flatMap((user) => ['--add-scram', user]);
    const clusterId = stdout.trim().split('\n').at(-1)!;
    await run('java', [...tool, 'format', '-t', clusterId, '-c', this.#config, ...users]);
  }

  get #config(): string {
    return join(this.dir, 'server.properties');
  }

  async restart(): Promise<void> {
    await this.#exited;
    const output = openSync(join(this.dir, 'broker.log'), 'a');
    // The first broker that ends in peace writes the archive for those after it.
    const fresh = `${this.#jars.archive}.${process.pid}`;
    const archive = existsSync(this.#jars.archive)
      ? [`-XX:SharedArchiveFile=${this.#jars.archive}`, '-Xlog:cds=off']
      : [`-XX:ArchiveClassesAtExit=${fresh}`, '-Xlog:cds=off', '-Xlog:cds+dynamic=off'];
    const child = spawn(
      'java',
      [
        '-Xms128m',
        '-Xmx512m',
        '-XX:+UseSerialGC',
        '-XX:TieredStopAtLevel=1',
        ...archive,
        `-Dlog4j2.configurationFile=${join(kafkaLocalDir, 'log4j2.properties')}`,
        '-cp',
        this.#jars.classPath,
        'kafka.Kafka',
        this.#config,
      ],
      // A group of its own: Ctrl-C in the terminal must not reach it before its owner is done.
      { stdio: ['ignore', output, output], detached: true },
    );
    child.unref();
    this.#process = child;
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()));
    this.#exited = this.#exited.then(() =>
      rename(fresh, this.#jars.archive).catch(() => undefined),
    );
    watchProcess({
      owner: this.#options.ownerPid ?? process.pid,
      pid: this.pid,
      remove: [this.dir, ...(this.#options.remove ?? [])],
      keep: { from: fresh, to: this.#jars.archive },
    });
    await this.#untilReady(child);
  }

  async #untilReady(child: ChildProcess): Promise<void> {
    const end = Date.now() + READY_DEADLINE_MS;
    while (!(await answers(this.brokers))) {
      if (child.exitCode !== null) throw new Error(`java ended with code ${child.exitCode}`);
      if (Date.now() > end) throw new Error(`no answer within ${READY_DEADLINE_MS} ms`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  isRunning(): boolean {
    return this.#process?.exitCode === null && this.#process.signalCode === null;
  }

  async kill(): Promise<void> {
    this.#process?.kill('SIGKILL');
    await this.#exited;
  }

  async stop(): Promise<void> {
    this.#process?.kill('SIGTERM');
    await this.#exited;
    await rm(this.dir, { recursive: true, force: true });
  }
}

/** True when a broker there answers at once. */
export async function answers(brokers: readonly string[]): Promise<boolean> {
  const kafka = new Kafka({
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1000,
    requestTimeout: 2000,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    return (await admin.describeCluster()).brokers.length > 0;
  } catch {
    // Why it does not answer yet is of no interest; that it never does is told by the caller.
    return false;
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
