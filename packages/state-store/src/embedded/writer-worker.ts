/** The writer thread: waits for the disk, so that the event loop does not have to. */
import { parentPort, workerData } from 'node:worker_threads';
import { StateStoreError } from '../errors.js';
import { type Command, run } from './commands.js';
import { Environment } from './environment.js';
import { openTables, type StateTables } from './tables.js';

export type ToWriter =
  | { readonly kind: 'command'; readonly id: number; readonly command: Command }
  | { readonly kind: 'close' };

export interface Outcome {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

export type FromWriter =
  | { readonly kind: 'opened' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'done'; readonly outcomes: readonly Outcome[] };

type Pending = Extract<ToWriter, { kind: 'command' }>;

const port = parentPort;
if (port === null) throw new Error('the writer runs only as a worker thread');
const send = (message: FromWriter): void => port.postMessage(message);

let store: { readonly environment: Environment; readonly tables: StateTables } | undefined;
try {
  const environment = new Environment(String(workerData), 'synced');
  store = { environment, tables: openTables(environment) };
  send({ kind: 'opened' });
} catch (error) {
  send({ kind: 'failed', ...told(error) });
}

let queue: Pending[] = [];
let closing = false;
let scheduled = false;

port.on('message', (message: ToWriter) => {
  if (message.kind === 'close') closing = true;
  else queue.push(message);
  if (scheduled) return;
  scheduled = true;
  setImmediate(work);
});

function work(): void {
  scheduled = false;
  if (store === undefined) return;
  const group = queue;
  queue = [];
  if (group.length > 0) writeTogether(group);
  if (!closing) return;
  const { environment } = store;
  store = undefined;
  void environment.close().finally(() => port?.close());
}

/** One disk flush for all that wait. */
function writeTogether(group: readonly Pending[]): void {
  if (store === undefined) return;
  const { environment, tables } = store;
  try {
    const outcomes = environment.write(() =>
      group.map(({ id, command }) => ({ id, result: run(tables, command) })),
    );
    send({ kind: 'done', outcomes });
  } catch (error) {
    // Nothing was kept; those that are not at fault succeed by themselves.
    if (group.length > 1) for (const one of group) writeTogether([one]);
    else send({ kind: 'done', outcomes: group.map(({ id }) => ({ id, error: told(error) })) });
  }
}

function told(error: unknown): { code: string; message: string } {
  if (error instanceof StateStoreError) return { code: error.code, message: error.message };
  return { code: 'unavailable', message: error instanceof Error ? error.message : String(error) };
}
