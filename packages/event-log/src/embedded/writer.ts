import { Worker } from 'node:worker_threads';
import { EventLogError, type EventLogErrorCode } from '../errors.js';
import type { Command, CommandOf, CommandResults, FromWriter, ToWriter } from './commands.js';
import type { WriterData } from './writer-worker.js';

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * This side of the writer thread. Writing has a thread of its own so that waiting
 * for the disk, or for another process's transaction, never stops the event loop,
 * and a busy event loop never holds up another process.
 */
export class Writer {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #onChanges: (changes: readonly string[]) => void;
  readonly #exited: Promise<void>;
  #nextId = 1;
  #failure: EventLogError | undefined;

  private constructor(worker: Worker, onChanges: (changes: readonly string[]) => void) {
    this.#worker = worker;
    this.#onChanges = onChanges;
    this.#exited = new Promise((resolve) => worker.once('exit', () => resolve()));
    worker.on('message', (message: FromWriter) => this.#receive(message));
    worker.on('error', (error) => this.#fail('unavailable', `writer thread: ${error.message}`));
    worker.on('exit', () => this.#fail('closed', 'the event log is closed'));
  }

  static async open(
    data: WriterData,
    onChanges: (changes: readonly string[]) => void,
  ): Promise<Writer> {
    const worker = new Worker(new URL('../../dist/embedded/writer-worker.js', import.meta.url), {
      workerData: data,
      name: 'event-log-writer',
    });
    const writer = new Writer(worker, onChanges);
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (message: FromWriter) => {
        if (message.kind === 'opened') resolve();
      });
      writer.#waiting.set(0, { resolve: () => resolve(), reject });
    });
    writer.#waiting.delete(0);
    return writer;
  }

  run<K extends Command['kind']>(command: CommandOf<K>): Promise<CommandResults[K]> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = this.#nextId++;
    const buffers = buffersOf(command);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: (result) => resolve(result as CommandResults[K]), reject });
      this.#worker.postMessage({ kind: 'command', id, command } satisfies ToWriter, buffers);
    });
  }

  /** Finishes what was asked before, then ends the thread. */
  async close(): Promise<void> {
    this.#worker.postMessage({ kind: 'close' } satisfies ToWriter);
    await this.#exited;
  }

  #receive(message: FromWriter): void {
    switch (message.kind) {
      case 'opened':
        return;
      case 'failed':
        this.#fail(message.code, message.message);
        void this.#worker.terminate();
        return;
      case 'done':
        this.#settle(message);
    }
  }

  #settle({ outcomes, changes }: Extract<FromWriter, { kind: 'done' }>): void {
    for (const { id, result, error } of outcomes) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new EventLogError(error.code as EventLogErrorCode, error.message));
    }
    if (changes.length > 0) this.#onChanges(changes);
  }

  #fail(code: string, message: string): void {
    this.#failure ??= new EventLogError(code as EventLogErrorCode, message);
    const failure = this.#failure;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(failure);
  }
}

/** What moves to the writer thread instead of being copied. */
function buffersOf(command: Command): ArrayBuffer[] {
  if (command.kind === 'append') return [command.records.buffer];
  if (command.kind === 'commit') return [command.outputs.buffer];
  return [];
}
