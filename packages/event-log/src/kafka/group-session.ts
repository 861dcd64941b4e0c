import type { Consumer, EachBatchPayload } from 'kafkajs';
import { Backoff } from '../embedded/backoff.js';
import { EventLogError } from '../errors.js';
import type { ConsumeOptions, LogRecord, OutgoingRecord, RecordBatch } from '../port.js';
import { eventLogErrorOf } from './broker-error.js';
import { createClient, type KafkaClient } from './client.js';
import { watchClock } from './clock-watch.js';
import { Lease } from './lease.js';
import type { Names } from './names.js';
import type { KafkaSettings } from './options.js';
import { cutRecords, toLogRecord } from './records.js';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** How long the broker may wait for records: bounds how long `resume` and `stop` take. */
const MAX_WAIT_MS = 200;
const PARTITION_FETCH_BYTES = 2 * 2 ** 20;
const MAX_FETCH_BYTES = 16 * 2 ** 20;
/** Members learn from the answers that partitions are to be shared out anew, so often is soon. */
const MAX_HEARTBEAT_MS = 250;
/** Batches in hand may end for so long before a new consumer takes over. */
const SET_BACK_PATIENCE_MS = 5_000;
/** A live member may take this long to finish its batch when partitions are shared out anew. */
export const REBALANCE_TIMEOUT_MS = 60_000;

export interface GroupSessionOptions {
  readonly consume: ConsumeOptions;
  readonly settings: KafkaSettings;
  readonly names: Names;
  readonly sessionTimeoutMs: number;
  /** All partitions of all topics: so many may be worked on side by side. */
  readonly partitions: number;
  readonly append: (records: readonly OutgoingRecord[]) => Promise<unknown>;
  /** The member stops: handlers are told, their batches end, no other begins. */
  readonly stopping: AbortSignal;
  readonly isPaused: () => boolean;
  readonly onJoined: () => void;
  readonly onError: (error: Error, batch: RecordBatch | undefined) => void;
}

/** Why a partition is not read at present: its handler has failed. */
interface Held {
  readonly backoff: Backoff;
  untilMs: number;
}

/** One kafkajs consumer from its joining to its end, which may be a crash. */
export class GroupSession {
  readonly #options: GroupSessionOptions;
  readonly #client: KafkaClient;
  readonly #consumer: Consumer;
  readonly #heartbeatMs: number;
  readonly #held = new Map<string, Held>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #stopClockWatch: () => void;
  #assigned: readonly string[] = [];
  #end: (error: Error | undefined) => void = () => undefined;
  /** Undefined after `leave`, else what the consumer died of. */
  readonly ended: Promise<Error | undefined>;

  constructor(options: GroupSessionOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    const { settings, sessionTimeoutMs, consume, names } = options;
    const heartbeatMs = Math.max(1, Math.min(MAX_HEARTBEAT_MS, Math.floor(sessionTimeoutMs / 4)));
    this.#heartbeatMs = heartbeatMs;
    const retry = { retries: 5, initialRetryTime: 100, maxRetryTime: 1000 };
    this.#client = createClient({
      settings,
      retry,
      // Joining waits, without an answer, for the slowest member.
      silenceMs: REBALANCE_TIMEOUT_MS + 10_000,
    });
    this.#consumer = this.#client.kafka.consumer({
      groupId: names.there(consume.groupId),
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: Math.max(REBALANCE_TIMEOUT_MS, sessionTimeoutMs),
      heartbeatInterval: heartbeatMs,
      maxWaitTimeInMs: Math.min(MAX_WAIT_MS, Math.ceil(sessionTimeoutMs / 4)),
      maxBytesPerPartition: PARTITION_FETCH_BYTES,
      maxBytes: MAX_FETCH_BYTES,
      allowAutoTopicCreation: false,
      // A crashed consumer is never revived: the member builds a new one.
      retry: { ...retry, restartOnFailure: async () => false },
    });
    const { GROUP_JOIN, CRASH } = this.#consumer.events;
    this.#consumer.on(GROUP_JOIN, ({ payload }) => this.#joined(payload.memberAssignment));
    this.#consumer.on(CRASH, ({ payload }) => this.#crashed(payload.error));
    // A new consumer counts its heartbeats by the clock as it is now.
    this.#stopClockWatch = watchClock({
      onSetBack: async (byMs) => {
        await this.#disconnect(SET_BACK_PATIENCE_MS);
        this.#crashed(new Error(`the wall clock was set back by ${Math.round(byMs)} ms`));
      },
    });
  }

  assignedPartitions(): readonly string[] {
    return this.#assigned;
  }

  /** Connects and goes on by itself; whatever goes wrong ends the session. */
  start(): void {
    this.#run().catch((error: unknown) => this.#crashed(error));
  }

  async #run(): Promise<void> {
    const { consume, names, stopping } = this.#options;
    await this.#consumer.connect();
    if (stopping.aborted) return;
    // What a group has no place for (any more) is read from the oldest on, never skipped.
    await this.#consumer.subscribe({
      topics: consume.topics.map((topic) => names.there(topic)),
      fromBeginning: true,
    });
    if (stopping.aborted) return;
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.#options.partitions,
      eachBatch: (payload) => this.#eachBatch(payload),
    });
  }

  pause(): void {
    try {
      this.#consumer.pause(this.#topics());
    } catch (error) {
      // Not running yet, or not any more: the next batch meets the closed gate instead.
      this.#options.settings.logger?.debug({ err: error }, 'paused before the consumer runs');
    }
  }

  resume(): void {
    try {
      this.#consumer.resume(this.#topics());
    } catch (error) {
      // As above: a consumer that is not running is not paused either.
      this.#options.settings.logger?.debug({ err: error }, 'resumed before the consumer runs');
    }
  }

  /** Leaves the group once the batches in hand have ended; cuts the connection after `patienceMs`. */
  async leave(patienceMs: number): Promise<void> {
    await this.#disconnect(patienceMs);
    this.#dispose(undefined);
  }

  async #disconnect(patienceMs: number): Promise<void> {
    const left = this.#consumer.disconnect().catch((error: unknown) => {
      this.#options.settings.logger?.debug({ err: error }, 'leaving the group failed');
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patienceMs);
    });
    await Promise.race([left, late]);
    clearTimeout(timer);
  }

  #crashed(error: unknown): void {
    this.#dispose(error instanceof Error ? error : new Error(String(error)));
  }

  #dispose(error: Error | undefined): void {
    this.#assigned = [];
    this.#stopClockWatch();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#client.cut();
    this.#end(error);
  }

  #joined(assignment: Readonly<Record<string, readonly number[]>>): void {
    const { names } = this.#options;
    this.#assigned = Object.entries(assignment)
      .flatMap(([topic, partitions]) => partitions.map((each) => `${names.here(topic)}/${each}`))
      .sort();
    for (const name of this.#held.keys()) {
      if (!this.#assigned.includes(name)) this.#held.delete(name);
    }
    if (this.#options.isPaused()) this.pause();
    this.#options.onJoined();
  }

  #topics(): { topic: string }[] {
    const { consume, names } = this.#options;
    return consume.topics.map((topic) => ({ topic: names.there(topic) }));
  }

  /**
   * Takes what one fetch brought for one partition, batch by batch. Returning early
   * leaves the rest to the next fetch.
   */
  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const { consume, names, stopping } = this.#options;
    const topic = names.here(batch.topic);
    const name = `${topic}/${batch.partition}`;
    if (this.#options.isPaused()) return this.pause();
    const held = this.#held.get(name);
    if (held !== undefined && held.untilMs > performance.now()) return this.#hold(payload, held);
    const lease = new Lease({
      heartbeat: payload.heartbeat,
      intervalMs: this.#heartbeatMs,
      stopping,
    });
    try {
      const records = batch.messages.map((each) => toLogRecord(topic, batch.partition, each));
      const cuts = cutRecords(records, {
        maxRecords: consume.maxBatchRecords ?? 256,
        maxBytes: consume.maxBatchBytes ?? 8 * 2 ** 20,
      });
      for (const cut of cuts) {
        if (stopping.aborted || lease.ended || this.#options.isPaused()) break;
        if (!payload.isRunning() || payload.isStale()) break;
        if (!(await this.#process(payload, name, cut, lease))) break;
      }
    } finally {
      await lease.release();
    }
  }

  /** True when the batch is committed. */
  async #process(
    payload: EachBatchPayload,
    name: string,
    records: readonly LogRecord[],
    lease: Lease,
  ): Promise<boolean> {
    const { consume, stopping, append, onError } = this.#options;
    const { topic, partition } = payload.batch;
    const last = records.at(-1)!.offset;
    const batch: RecordBatch = { topic: records[0]!.topic, partition, records };
    try {
      const outputs = await consume.handler(batch, { signal: lease.signal });
      // Somebody else has the partition: what comes of its records is theirs to tell.
      if (lease.lost) throw fenced(name, consume.groupId);
      if (outputs.length > 0) await append(outputs);
    } catch (error) {
      // The handler gave up because it was told to.
      if (stopping.aborted) return false;
      onError(error instanceof Error ? error : new Error(String(error)), batch);
      if (!lease.lost) this.#hold(payload, this.#failed(name));
      return false;
    }
    try {
      await payload.commitOffsetsIfNecessary({
        topics: [{ topic, partitions: [{ partition, offset: String(last + 1n) }] }],
      });
    } catch (error) {
      onError(eventLogErrorOf(error, `commit of ${name} in group ${consume.groupId}`), batch);
      if (lease.note(error)) return false;
      throw error;
    }
    payload.resolveOffset(String(last));
    this.#held.delete(name);
    await lease.beat();
    return true;
  }

  #failed(name: string): Held {
    const held = this.#held.get(name) ?? {
      backoff: new Backoff(FIRST_PAUSE_MS, LONGEST_PAUSE_MS),
      untilMs: 0,
    };
    held.untilMs = performance.now() + held.backoff.next();
    this.#held.set(name, held);
    return held;
  }

  /** Not read for a while, so that other partitions are not held up. */
  #hold(payload: EachBatchPayload, { untilMs }: Held): void {
    const resume = payload.pause();
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        if (!this.#options.isPaused()) resume();
      },
      Math.max(0, untilMs - performance.now()),
    );
    this.#timers.add(timer);
  }
}

function fenced(name: string, groupId: string): EventLogError {
  return new EventLogError(
    'fenced',
    `group ${groupId}: this member was silent for too long and has lost ${name}; it joins again`,
  );
}
