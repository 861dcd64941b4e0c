import { EventLogError } from '../errors.js';
import { checkName, checkRecordSize, checkTopicSpec } from '../limits.js';
import { partitionOfKey } from '../partitioner.js';
import type {
  ConsumeOptions,
  EventLog,
  GroupConsumer,
  LogRecord,
  OutgoingRecord,
  PartitionLag,
  PartitionOffsets,
  RecordBatch,
  RecordPosition,
  TailOptions,
  TopicSpec,
} from '../port.js';
import { ChangeFeed } from './change-feed.js';
import { type CompactedUpTo, cleanTopics } from './cleaning.js';
import type { Environment } from './environment.js';
import { GroupMember } from './group-member.js';
import { ownProcessIdentity } from './process-identity.js';
import { Reader } from './reader.js';
import { type PackedRecords, packRecords } from './record-codec.js';
import { tailTopic } from './tail.js';
import type { Writer } from './writer.js';

export interface EmbeddedEventLogParts {
  readonly environment: Environment;
  readonly writer: Writer;
  readonly pollIntervalMs: number;
  readonly cleanIntervalMs: number;
}

/** The port on one LMDB file: reads on this thread, writes on the writer's. */
export class EmbeddedEventLog implements EventLog {
  readonly #environment: Environment;
  readonly #writer: Writer;
  readonly #reader: Reader;
  readonly #feed: ChangeFeed;
  readonly #identity = ownProcessIdentity();
  readonly #members = new Set<GroupMember>();
  readonly #closing = new AbortController();
  readonly #turns = new Map<string, number>();
  readonly #compactedUpTo: CompactedUpTo = new Map();
  readonly #cleanTimer: NodeJS.Timeout;
  #cleaning: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor({ environment, writer, pollIntervalMs, cleanIntervalMs }: EmbeddedEventLogParts) {
    this.#environment = environment;
    this.#writer = writer;
    this.#reader = new Reader(environment);
    this.#feed = new ChangeFeed(() => this.#reader.version(), pollIntervalMs);
    this.#cleanTimer = setInterval(() => this.#cleanInTurn(cleanIntervalMs), cleanIntervalMs);
    this.#cleanTimer.unref();
  }

  /** Called with what the writer has just committed. */
  notify(changes: readonly string[]): void {
    this.#feed.notify(changes);
  }

  async ensureTopics(specs: readonly TopicSpec[]): Promise<void> {
    this.#checkOpen();
    for (const spec of specs) checkTopicSpec(spec);
    await this.#writer.run({
      kind: 'ensure-topics',
      specs: specs.map(({ name, partitions, cleanup, retentionMs }) => ({
        name,
        partitions,
        cleanup,
        retentionMs: retentionMs ?? null,
      })),
    });
  }

  async topics(): Promise<readonly string[]> {
    this.#checkOpen();
    return this.#reader.topicNames().sort();
  }

  async append(records: readonly OutgoingRecord[]): Promise<RecordPosition[]> {
    this.#checkOpen();
    if (records.length === 0) return [];
    const packed = this.#pack(records);
    const slots = packed.slots;
    const offsets = await this.#writer.run({ kind: 'append', records: packed });
    return records.map((record, index) => ({
      topic: record.topic,
      partition: slots[index]!.partition,
      offset: BigInt(offsets[index]!),
    }));
  }

  async consume(options: ConsumeOptions): Promise<GroupConsumer> {
    this.#checkOpen();
    checkConsume(options);
    for (const topic of options.topics) this.#reader.topic(topic);
    const member = await GroupMember.join({
      consume: options,
      reader: this.#reader,
      writer: this.#writer,
      feed: this.#feed,
      identity: this.#identity,
      pack: (outputs) => this.#pack(outputs),
    });
    this.#members.add(member);
    if (this.#closing.signal.aborted) {
      await member.stop();
      this.#checkOpen();
    }
    return member;
  }

  tail(options: TailOptions): AsyncIterable<RecordBatch> {
    this.#checkOpen();
    return tailTopic(options, this.#reader, this.#feed, this.#closing.signal);
  }

  async read(
    topic: string,
    partition: number,
    offset: bigint,
    count: number,
  ): Promise<readonly LogRecord[]> {
    this.#checkOpen();
    const row = this.#reader.topic(topic);
    if (!Number.isInteger(partition) || partition < 0 || partition >= row.partitions) {
      throw new EventLogError(
        'bad_request',
        `topic ${topic}: expected a partition below ${row.partitions}, found ${partition}`,
      );
    }
    if (count < 1) return [];
    return this.#reader.read({
      topic,
      topicId: row.id,
      partition,
      from: Number(offset),
      maxRecords: count,
      maxBytes: Number.POSITIVE_INFINITY,
    }).records;
  }

  async offsets(topic: string): Promise<readonly PartitionOffsets[]> {
    this.#checkOpen();
    const { id, partitions } = this.#reader.topic(topic);
    return Array.from({ length: partitions }, (_, partition) => {
      const { low, high } = this.#reader.partition(id, partition);
      return { partition, low: BigInt(low), high: BigInt(high) };
    });
  }

  async lag(groupId: string, topics: readonly string[]): Promise<readonly PartitionLag[]> {
    this.#checkOpen();
    return topics.flatMap((topic) => {
      const { id, partitions } = this.#reader.topic(topic);
      return Array.from({ length: partitions }, (_, partition) => {
        const { low, high } = this.#reader.partition(id, partition);
        const committed = this.#reader.committed(groupId, id, partition);
        return {
          topic,
          partition,
          committed: committed === undefined ? undefined : BigInt(committed),
          lag: BigInt(high - Math.max(low, committed ?? low)),
        };
      });
    });
  }

  async clean(): Promise<void> {
    this.#checkOpen();
    // One that began earlier may have passed what is to go.
    await this.#cleaning;
    await this.#clean();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#cleanTimer);
    const ends = await Promise.allSettled([
      ...[...this.#members].map((member) => member.stop()),
      this.#cleaning,
    ]);
    this.#feed.close();
    await this.#writer.close();
    await this.#environment.close();
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  #checkOpen(): void {
    if (this.#closing.signal.aborted) {
      throw new EventLogError('closed', 'the event log is closed');
    }
  }

  #pack(records: readonly OutgoingRecord[]): PackedRecords {
    for (const record of records) checkRecordSize(record);
    return packRecords(records, (record) => this.#place(record), Date.now());
  }

  #place({ topic, key }: OutgoingRecord): { topicId: number; partition: number } {
    const { id, partitions } = this.#reader.topic(topic);
    if (key !== undefined) return { topicId: id, partition: partitionOfKey(key, partitions) };
    const turn = this.#turns.get(topic) ?? 0;
    this.#turns.set(topic, turn + 1);
    return { topicId: id, partition: turn % partitions };
  }

  /** The timer's cleaning: skipped where another process has just cleaned. */
  #cleanInTurn(intervalMs: number): void {
    if (this.#cleaning !== undefined) return;
    // A killed process leaves its place among the readers, which keeps freed pages from reuse.
    this.#environment.root.readerCheck();
    this.#writer
      .run({ kind: 'claim-cleaning', intervalMs })
      .then((mine) => (mine ? this.#clean() : undefined))
      // Nobody waits for this one; what failed is tried again at the next turn, and a
      // store that is really broken fails the next append, which does have a caller.
      .catch(() => undefined);
  }

  #clean(): Promise<void> {
    this.#cleaning ??= cleanTopics(
      this.#reader,
      this.#writer,
      this.#compactedUpTo,
      this.#closing.signal,
    ).finally(() => {
      this.#cleaning = undefined;
    });
    return this.#cleaning;
  }
}

function checkConsume(options: ConsumeOptions): void {
  checkName('group', options.groupId);
  if (options.topics.length === 0) {
    throw new EventLogError('bad_request', `group ${options.groupId}: expected topics, found none`);
  }
  const numbers = {
    maxBatchRecords: options.maxBatchRecords ?? 1,
    maxBatchBytes: options.maxBatchBytes ?? 1,
    sessionTimeoutMs: options.sessionTimeoutMs ?? 1,
  };
  for (const [name, value] of Object.entries(numbers)) {
    if (value > 0) continue;
    throw new EventLogError(
      'bad_request',
      `group ${options.groupId}: expected ${name} > 0, found ${value}`,
    );
  }
}
