import { readFileSync } from 'node:fs';
import { type CliProcess, spawnCli } from '../../fixtures/cli-process.js';
import { freePorts } from '../../fixtures/free-ports.js';
import { killHard, readyAt, stopGently } from '../../fixtures/start-process.js';

/** How each is started; the clusterer in its two roles. */
const commands = {
  ingest: ['ingest', 'serve'],
  embedder: ['embedder', 'serve'],
  assign: ['clusterer', 'serve', '--role', 'assign'],
  refit: ['clusterer', 'serve', '--role', 'refit'],
  gateway: ['gateway', 'serve'],
} as const;
export type ServiceName = keyof typeof commands;
export const serviceNames = Object.keys(commands) as readonly ServiceName[];

const SAMPLE_MS = 250;
const READY_ATTEMPTS = 3;
/** Seven processes that start at once on two busy cores need a minute each. */
const READY_MS = 180_000;

export interface Replica {
  readonly service: ServiceName;
  readonly number: number;
  readonly opsPort: number;
  readonly httpPort: number;
  readonly grpcPort: number;
}

export interface FleetOptions {
  readonly replicas: Readonly<Record<ServiceName, number>>;
  /** What every process is told, beside its own ports. */
  readonly environment: Readonly<Record<string, string>>;
}

interface Running {
  readonly replica: Replica;
  process: CliProcess | undefined;
  /** What it is told beside what all are told; kept for its further lives. */
  environment: Readonly<Record<string, string>>;
  readonly lives: CliProcess[];
  /** Its end is wanted: killed or stopped by the test. */
  ending: boolean;
}

/**
 * The services as processes of their own, in replicas, each on its own ports for
 * all its lives. Notes every end that the test did not bring about, and the
 * greatest resident memory of each service.
 */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #running: Running[] = [];
  readonly #sampler: NodeJS.Timeout;
  /** Bytes; the largest that any replica had at any time. */
  readonly peakRss = new Map<ServiceName, number>();
  /** One sentence for each process that ended by itself. */
  readonly endedByThemselves: string[] = [];
  /** Starts that ended or took longer than a supervisor would wait, and were made again. */
  failedStarts = 0;

  private constructor(options: FleetOptions) {
    this.#options = options;
    this.#sampler = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  static async start(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options);
    for (const service of serviceNames) {
      for (let number = 0; number < options.replicas[service]; number++) {
        const [opsPort = 0, httpPort = 0, grpcPort = 0] = await freePorts(3);
        const replica = { service, number, opsPort, httpPort, grpcPort };
        fleet.#running.push({
          replica,
          process: undefined,
          lives: [],
          ending: false,
          environment: {},
        });
      }
    }
    try {
      await Promise.all(fleet.#running.map((one) => fleet.#start(one)));
    } catch (error) {
      await fleet.killAll();
      throw error;
    }
    return fleet;
  }

  replicas(service?: ServiceName): readonly Replica[] {
    const all = this.#running.map(({ replica }) => replica);
    return service === undefined ? all : all.filter((replica) => replica.service === service);
  }

  pidOf(replica: Replica): number {
    return this.#of(replica).process?.child.pid ?? 0;
  }

  /** What it said in all its lives. */
  logOf(replica: Replica): string {
    return this.#of(replica).lives.map(saidBy).join('--- started again ---\n');
  }

  /** kill -9. */
  async kill(replica: Replica): Promise<void> {
    const one = this.#of(replica);
    one.ending = true;
    if (one.process) await killHard(one.process);
  }

  /** As a supervisor would, at once; resolves when it says that it is ready. */
  async startAgain(
    replica: Replica,
    environment?: Readonly<Record<string, string>>,
  ): Promise<void> {
    const one = this.#of(replica);
    if (environment !== undefined) one.environment = environment;
    await this.#start(one);
  }

  /** SIGTERM to all; the exit codes by name. */
  async stop(): Promise<Record<string, number | null>> {
    clearInterval(this.#sampler);
    const codes: Record<string, number | null> = {};
    await Promise.all(
      this.#running.map(async (one) => {
        one.ending = true;
        if (one.process) codes[nameOf(one.replica)] = await stopGently(one.process);
      }),
    );
    return codes;
  }

  async killAll(): Promise<void> {
    clearInterval(this.#sampler);
    for (const one of this.#running) {
      one.ending = true;
      if (one.process) await killHard(one.process);
    }
  }

  #of(replica: Replica): Running {
    const found = this.#running.find((one) => one.replica === replica);
    if (!found) throw new Error(`no such replica: ${nameOf(replica)}`);
    return found;
  }

  async #start(one: Running, attempt = 1): Promise<void> {
    const { replica } = one;
    const started = spawnCli([...commands[replica.service], '--log-level', 'info'], {
      ...this.#options.environment,
      ...one.environment,
      GLITCHWATCH_OPS_PORT: `${replica.opsPort}`,
      GLITCHWATCH_HTTP_PORT: `${replica.httpPort}`,
      GLITCHWATCH_GRPC_PORT: `${replica.grpcPort}`,
      GLITCHWATCH_INGEST_HTTP_PORT: `${replica.httpPort}`,
      GLITCHWATCH_INGEST_GRPC_PORT: `${replica.grpcPort}`,
    });
    one.process = started;
    one.lives.push(started);
    one.ending = false;
    let isReady = false;
    void started.ended.then(({ code }) => {
      if (one.ending || one.process !== started || !isReady) return;
      const said = saidBy(started).slice(-1_500);
      this.endedByThemselves.push(`${nameOf(replica)} ended with ${code}: ${said}`);
    });
    try {
      await readyAt(started, replica.opsPort, nameOf(replica), { deadlineMs: READY_MS });
      isReady = true;
    } catch (error) {
      // A start while the log is away ends with a sentence; a supervisor tries again.
      if (one.ending || attempt === READY_ATTEMPTS) throw error;
      this.failedStarts += 1;
      await killHard(started);
      await this.#start(one, attempt + 1);
    }
  }

  #sample(): void {
    for (const { replica, process } of this.#running) {
      const pid = process?.child.pid;
      if (pid === undefined || process?.child.exitCode !== null) continue;
      const bytes = peakRssOf(pid);
      if (bytes > (this.peakRss.get(replica.service) ?? 0))
        this.peakRss.set(replica.service, bytes);
    }
  }
}

function saidBy({ output }: CliProcess): string {
  const { stdout, stderr } = output();
  return `${stdout}${stderr}`;
}

export function nameOf({ service, number }: Replica): string {
  return `${service}-${number}`;
}

/** The high-water mark that Linux keeps; 0 for a process that has just gone. */
function peakRssOf(pid: number): number {
  try {
    const [, kb = '0'] =
      /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kb) * 1024;
  } catch {
    return 0;
  }
}
