/** The writer thread: the only one of its log that writes to the store. */
import { parentPort, workerData } from 'node:worker_threads';
import { EventLogError } from '../errors.js';
import type { Command, CommandOutcome, CommandResults, FromWriter, ToWriter } from './commands.js';
import { type Environment, openEnvironment } from './environment.js';
import { join, leave, release, sync } from './group-commands.js';
import { append, claimCleaning, commit, expire, remove } from './record-commands.js';
import { storeError } from './store-error.js';
import { ensureTopics } from './topic-commands.js';
import { WriteTransaction } from './write-transaction.js';

export interface WriterData {
  readonly dir: string;
  readonly maxBytes: number;
}

const { dir, maxBytes } = workerData as WriterData;
/** Commands that wait are written together up to this size: one disk flush for all. */
const GROUP_BYTES = 32 * 2 ** 20;

/** Pause after the disk was found full. */
const FULL_PAUSE_MS = 250;

type Pending = Extract<ToWriter, { kind: 'command' }>;

const port = parentPort;
if (port === null) throw new Error('the writer runs only as a worker thread');
const send = (message: FromWriter): void => port.postMessage(message);

let environment: Environment | undefined;
try {
  environment = openEnvironment(dir);
  send({ kind: 'opened' });
} catch (error) {
  const { code, message } = storeError(error, dir);
  send({ kind: 'failed', code, message });
}

const queue: Pending[] = [];
let closing = false;
let scheduled = false;
let fullUntilMs = 0;

port.on('message', (message: ToWriter) => {
  if (message.kind === 'close') closing = true;
  else queue.push(message);
  if (scheduled) return;
  scheduled = true;
  setImmediate(work);
});

function work(): void {
  scheduled = false;
  if (environment === undefined) return;
  if (queue.length > 0) writeTogether(environment, takeGroup());
  if (queue.length > 0) {
    scheduled = true;
    setImmediate(work);
  } else if (closing) {
    const open = environment;
    environment = undefined;
    void open.close().finally(() => port?.close());
  }
}

function takeGroup(): Pending[] {
  let bytes = 0;
  let count = 0;
  while (count < queue.length && bytes < GROUP_BYTES) {
    const command = queue[count]?.command;
    if (command?.kind === 'append') bytes += command.records.buffer.byteLength;
    else if (command?.kind === 'commit') bytes += command.outputs.buffer.byteLength;
    count += 1;
  }
  return queue.splice(0, count);
}

function writeTogether(open: Environment, group: readonly Pending[]): void {
  const txn = new WriteTransaction(open, { maxBytes, fullUntilMs }, Date.now());
  try {
    const outcomes = open.root.transactionSync(() => {
      const all = group.map(({ id, command }) => attempt(txn, id, command));
      txn.finish();
      return all;
    });
    send({ kind: 'done', outcomes, changes: [...txn.changes] });
  } catch (error) {
    // The transaction as a whole failed and left nothing. One large command may be
    // the cause, so each is tried by itself before it is told.
    if (group.length > 1) {
      for (const pending of group) writeTogether(open, [pending]);
      return;
    }
    const { code, message } = storeError(error, dir);
    if (code === 'disk_full') fullUntilMs = Date.now() + FULL_PAUSE_MS;
    const outcomes = group.map(({ id }) => ({ id, error: { code, message } }));
    send({ kind: 'done', outcomes, changes: [] });
  }
}

/** A refused command has written nothing, so those beside it go on. */
function attempt(txn: WriteTransaction, id: number, command: Command): CommandOutcome {
  try {
    return { id, result: run(txn, command) };
  } catch (error) {
    if (!(error instanceof EventLogError)) throw error;
    return { id, error: { code: error.code, message: error.message } };
  }
}

function run(txn: WriteTransaction, command: Command): CommandResults[Command['kind']] {
  switch (command.kind) {
    case 'ensure-topics':
      return ensureTopics(txn, command);
    case 'append':
      return append(txn, command);
    case 'commit':
      return commit(txn, command);
    case 'join':
      return join(txn, command);
    case 'sync':
      return sync(txn, command);
    case 'release':
      return release(txn, command);
    case 'leave':
      return leave(txn, command);
    case 'claim-cleaning':
      return claimCleaning(txn, command);
    case 'expire':
      return expire(txn, command);
    case 'remove':
      return remove(txn, command);
  }
}
