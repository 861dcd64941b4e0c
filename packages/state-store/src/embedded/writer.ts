import { Worker } from 'node:worker_threads';
import { StateStoreError, type StateStoreErrorCode } from '../errors.js';
import type { Command, CommandOf, CommandResults } from './commands.js';
import type { FromWriter, ToWriter } from './writer-worker.js';

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** This side of the writer thread. */
export class Writer {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #nextId = 1;
  #failure: StateStoreError | undefined;

  private constructor(dir: string) {
    this.#worker = new Worker(new URL('../../dist/embedded/writer-worker.js', import.meta.url), {
      workerData: dir,
      name: 'state-store-writer',
    });
    this.#exited = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
    this.#worker.on('message', (message: FromWriter) => this.#receive(message));
    this.#worker.on('error', (error) => this.#fail('unavailable', `writer: ${error.message}`));
    this.#worker.on('exit', () => this.#fail('closed', 'the state store is closed'));
  }

  static async open(dir: string): Promise<Writer> {
    const writer = new Writer(dir);
    await new Promise<void>((resolve, reject) => {
      writer.#waiting.set(0, { resolve: () => resolve(), reject });
    });
    return writer;
  }

  run<K extends Command['kind']>(command: CommandOf<K>): Promise<CommandResults[K]> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: (result) => resolve(result as CommandResults[K]), reject });
      this.#worker.postMessage({ kind: 'command', id, command } satisfies ToWriter);
    });
  }

  /** Finishes what was asked before, then ends the thread. */
  async close(): Promise<void> {
    this.#failure ??= new StateStoreError('closed', 'the state store is closed');
    this.#worker.postMessage({ kind: 'close' } satisfies ToWriter);
    await this.#exited;
  }

  #receive(message: FromWriter): void {
    switch (message.kind) {
      case 'opened':
        this.#settle(0)?.resolve(undefined);
        return;
      case 'failed':
        this.#fail(message.code as StateStoreErrorCode, message.message);
        void this.#worker.terminate();
        return;
      case 'done':
        for (const { id, result, error } of message.outcomes) {
          const waiting = this.#settle(id);
          if (error === undefined) waiting?.resolve(result);
          else
            waiting?.reject(new StateStoreError(error.code as StateStoreErrorCode, error.message));
        }
    }
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #fail(code: StateStoreErrorCode, message: string): void {
    this.#failure ??= new StateStoreError(code, message);
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(this.#failure);
  }
}
