import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { EventLog, LogRecord, OutgoingRecord, TopicSpec } from '@glitchwatch/event-log';
import { until } from '../until.js';

export { until } from '../until.js';

/** How another process opens the same log: `(await import(module))[opener](options)`. */
export interface ProcessDescription {
  readonly module: string;
  readonly opener: string;
  readonly options: unknown;
}

export interface EventLogUnderTest {
  /** Opens the same log once more, as another process would. */
  open(): Promise<EventLog>;
  readonly inOtherProcess: ProcessDescription;
  /** Called once, when every log opened here is closed. */
  dispose(): Promise<void>;
}

/** Where adapters may differ. */
export interface EventLogTraits {
  /** Within this time whatever ought to happen has happened. */
  readonly deadlineMs: number;
  /** Session timeout of the members in these tests. */
  readonly sessionTimeoutMs: number;
  /** `clean()` applies retention and compaction before it resolves. */
  readonly cleansOnRequest: boolean;
}

export interface Fixture {
  readonly traits: EventLogTraits;
  readonly underTest: EventLogUnderTest;
  /** Opens a log that is closed after the test. */
  open(): Promise<EventLog>;
  /** Starts a child process that is killed after the test. */
  spawn(task: ChildTask): Child;
}

export type ChildTask =
  | {
      readonly role: 'consume';
      readonly groupId: string;
      readonly topic: string;
      readonly outputTopic: string;
      readonly sessionTimeoutMs: number;
      /** How long each batch takes. */
      readonly batchMs: number;
      readonly maxBatchRecords: number;
    }
  | {
      readonly role: 'append';
      readonly topic: string;
      readonly name: string;
      readonly count: number;
      readonly valueBytes: number;
    };

export interface ChildMessage {
  readonly kind: 'ready' | 'batch' | 'committed' | 'acknowledged' | 'done' | 'error';
  readonly partition?: number;
  readonly code?: string;
  /** Of "acknowledged": how many records are durable. */
  readonly count?: number;
}

export interface Child {
  readonly messages: readonly ChildMessage[];
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
  send(message: 'stop'): void;
  readonly exited: Promise<void>;
}

const script = fileURLToPath(new URL('./child.mjs', import.meta.url));

export function spawnChild(description: ProcessDescription, task: ChildTask): Child {
  const process = fork(script, [JSON.stringify({ description, task })], { execArgv: [] });
  const messages: ChildMessage[] = [];
  process.on('message', (message) => messages.push(message as ChildMessage));
  const exited = new Promise<void>((resolve) => process.once('exit', () => resolve()));
  return {
    messages,
    exited,
    signal: (name) => process.kill(name),
    send: (message) => process.send(message),
  };
}

export function createFixture(underTest: EventLogUnderTest, traits: EventLogTraits) {
  const logs: EventLog[] = [];
  const children: Child[] = [];
  const fixture: Fixture = {
    traits,
    underTest,
    open: async () => {
      const log = await underTest.open();
      logs.push(log);
      return log;
    },
    spawn: (task) => {
      const child = spawnChild(underTest.inOtherProcess, task);
      children.push(child);
      return child;
    },
  };
  const cleanUp = async (): Promise<void> => {
    for (const child of children.splice(0)) {
      child.signal('SIGKILL');
      await child.exited;
    }
    await Promise.all(logs.splice(0).map((log) => log.close()));
  };
  return { fixture, cleanUp };
}

/** A name that no other test uses, so that tests may share a broker. */
export function unique(what: string): string {
  return `${what}-${randomUUID().slice(0, 13)}`;
}

export async function newTopic(
  log: EventLog,
  partitions: number,
  spec: Partial<TopicSpec> = {},
): Promise<string> {
  const name = unique('topic');
  await log.ensureTopics([{ name, partitions, cleanup: 'delete', ...spec }]);
  return name;
}

export function textRecord(topic: string, key: string | undefined, text: string): OutgoingRecord {
  return { topic, key, value: new TextEncoder().encode(text) };
}

export function textOf(record: LogRecord): string {
  return new TextDecoder().decode(record.value);
}

/** All that a topic holds now, in order within each partition. */
export async function readAll(log: EventLog, topic: string): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  const signal = new AbortController().signal;
  for await (const batch of log.tail({ topic, from: 'earliest', stopAtEnd: true, signal })) {
    records.push(...batch.records);
  }
  return records;
}

export async function totalLag(log: EventLog, groupId: string, topic: string): Promise<number> {
  const lags = await log.lag(groupId, [topic]);
  return lags.reduce((sum, { lag }) => sum + Number(lag), 0);
}

/** The group has processed and committed everything. */
export async function untilCaughtUp(
  log: EventLog,
  groupId: string,
  topic: string,
  deadlineMs: number,
): Promise<void> {
  await until(
    `group ${groupId} has processed ${topic}`,
    deadlineMs,
    async () => (await totalLag(log, groupId, topic)) === 0,
  );
}

export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
  return 'no error';
}
