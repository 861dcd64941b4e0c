import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { StateStore } from '@glitchwatch/state-store';

export interface StateStoreUnderTest {
  /** Opens the same store once more, as another process would. */
  open(): Promise<StateStore>;
  /** How another process opens it: `(await import(module))[opener](options)`. */
  readonly inOtherProcess: {
    readonly module: string;
    readonly opener: string;
    readonly options: unknown;
  };
  dispose(): Promise<void>;
}

const script = fileURLToPath(new URL('./child.mjs', import.meta.url));

/** A process with the same store open, driven from here. */
export class OtherProcess {
  readonly heard: string[] = [];
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (result: unknown) => void>();
  #nextId = 1;

  private constructor(description: StateStoreUnderTest['inOtherProcess']) {
    this.#process = fork(script, [JSON.stringify(description)], { execArgv: [] });
    this.#process.on('message', (message: { id?: number; result?: unknown; heard?: string }) => {
      if (message.heard !== undefined) this.heard.push(message.heard);
      else this.#waiting.get(message.id ?? -1)?.(message.result);
    });
  }

  static async start(description: StateStoreUnderTest['inOtherProcess']): Promise<OtherProcess> {
    const other = new OtherProcess(description);
    await new Promise((resolve) => other.#waiting.set(0, resolve));
    return other;
  }

  ask(action: string, rest: Record<string, unknown>): Promise<unknown> {
    const id = this.#nextId++;
    this.#process.send({ id, action, ...rest });
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await exited;
  }
}

export interface Fixture {
  open(): Promise<StateStore>;
  startProcess(): Promise<OtherProcess>;
  readonly deadlineMs: number;
}

export function createFixture(underTest: StateStoreUnderTest, deadlineMs: number) {
  const stores: StateStore[] = [];
  const processes: OtherProcess[] = [];
  const fixture: Fixture = {
    deadlineMs,
    open: async () => {
      const store = await underTest.open();
      stores.push(store);
      return store;
    },
    startProcess: async () => {
      const other = await OtherProcess.start(underTest.inOtherProcess);
      processes.push(other);
      return other;
    },
  };
  const cleanUp = async (): Promise<void> => {
    for (const other of processes.splice(0)) await other.kill();
    for (const store of stores.splice(0)) await store.close();
  };
  return { fixture, cleanUp };
}

export const unique = (what: string): string => `${what}-${randomUUID().slice(0, 13)}`;
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : new TextDecoder().decode(value);
