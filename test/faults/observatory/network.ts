import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { watchProcess } from '../../brokers/reaper.js';
import { freePort, freePorts } from '../../fixtures/free-ports.js';
import { waitFor } from '../../fixtures/wait-for.js';

const run = promisify(execFile);
const installer = fileURLToPath(new URL('../../../scripts/install-toxiproxy.mjs', import.meta.url));
const INSTALL_DEADLINE_MS = 400_000;

/** The way between the services and one server. */
export interface Line {
  readonly port: number;
  /** Connections are refused, those that are open end. */
  cut(): Promise<void>;
  /** Every packet of answers comes late by so many milliseconds, give or take a half. */
  slow(latencyMs: number): Promise<void>;
  /** Connections stay open and nothing comes through, in either direction. */
  swallow(): Promise<void>;
  /** As it was; what hung in a swallowing line is cut, as routers forget it. */
  heal(): Promise<void>;
}

/** Toxiproxy before Kafka and Redis; everything on this machine. */
export class Network {
  readonly #process: ChildProcess;
  readonly #api: string;

  private constructor(process: ChildProcess, apiPort: number) {
    this.#process = process;
    this.#api = `http://127.0.0.1:${apiPort}`;
  }

  static async start(): Promise<Network> {
    const { stdout } = await run(process.execPath, [installer], { timeout: INSTALL_DEADLINE_MS });
    const server = stdout.trim().split('\n').at(-1)!;
    const apiPort = await freePort();
    const child = spawn(server, ['-host', '127.0.0.1', '-port', `${apiPort}`], { stdio: 'ignore' });
    await once(child, 'spawn');
    watchProcess({ owner: process.pid, pid: child.pid!, remove: [] });
    const network = new Network(child, apiPort);
    await waitFor('Toxiproxy to answer', async () =>
      (await fetch(`${network.#api}/version`)).ok ? true : undefined,
    );
    return network;
  }

  /** A line on a port of its own, to be led to its server later: the server must know the port. */
  async reserve(): Promise<{ readonly port: number; leadTo(port: number): Promise<Line> }> {
    const [port = 0] = await freePorts(1);
    return {
      port,
      leadTo: async (upstream) => {
        const name = `to-${upstream}`;
        await this.#post('/proxies', {
          name,
          listen: `127.0.0.1:${port}`,
          upstream: `127.0.0.1:${upstream}`,
        });
        return this.#line(name, port);
      },
    };
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
  }

  #line(name: string, port: number): Line {
    const toxics = new Set<string>();
    const toxic = async (stream: string, type: string, attributes: object): Promise<void> => {
      const toxicName = `${type}-${stream}`;
      await this.#post(`/proxies/${name}/toxics`, { name: toxicName, type, stream, attributes });
      toxics.add(toxicName);
    };
    return {
      port,
      cut: () => this.#post(`/proxies/${name}`, { enabled: false }),
      slow: (latency) => toxic('downstream', 'latency', { latency, jitter: latency / 2 }),
      swallow: async () => {
        await toxic('downstream', 'timeout', { timeout: 0 });
        await toxic('upstream', 'timeout', { timeout: 0 });
      },
      heal: async () => {
        for (const one of toxics) await this.#call('DELETE', `/proxies/${name}/toxics/${one}`);
        toxics.clear();
        await this.#post(`/proxies/${name}`, { enabled: true });
      },
    };
  }

  #post(path: string, body: object): Promise<void> {
    return this.#call('POST', path, body);
  }

  async #call(method: string, path: string, body?: object): Promise<void> {
    const answer = await fetch(`${this.#api}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`Toxiproxy: ${method} ${path}: ${await answer.text()}`);
  }
}

/** Undefined where Toxiproxy is to be had, else why not. */
export async function whyNoNetwork(): Promise<string | undefined> {
  try {
    await run(process.execPath, [installer], { timeout: INSTALL_DEADLINE_MS });
    return undefined;
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
    return said.trim().split('\n').at(-1) || String(error);
  }
}
