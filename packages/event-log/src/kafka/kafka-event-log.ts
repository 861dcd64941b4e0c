import { setMaxListeners } from 'node:events';
import { EventLogError } from '../errors.js';
import { checkName, checkTopicSpec } from '../limits.js';
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
import { type AdminLinks, createAdminLinks } from './admin-link.js';
import { AppendQueue } from './append-queue.js';
import { checkConsume, committedOffsets, startAtEnd } from './consume-start.js';
import { GroupMember } from './group-member.js';
import { Names } from './names.js';
import type { KafkaSettings } from './options.js';
import { ProducerSlot } from './producer-slot.js';
import { createClusterLinks, Reader } from './reader.js';
import { tailTopic } from './tail.js';
import { TopicDirectory } from './topic-directory.js';
import { ensureTopics } from './topics.js';

const DEFAULT_SESSION_TIMEOUT_MS = 6000;
/** What was appended before `close` may take this long to be acknowledged. */
const FLUSH_PATIENCE_MS = 10_000;

/** The port on a Kafka cluster. */
export class KafkaEventLog implements EventLog {
  readonly #settings: KafkaSettings;
  readonly #names: Names;
  readonly #admin: AdminLinks;
  readonly #links: ReturnType<typeof createClusterLinks>;
  readonly #reader: Reader;
  readonly #directory: TopicDirectory;
  readonly #producer: ProducerSlot;
  readonly #appends: AppendQueue;
  readonly #members = new Set<GroupMember>();
  /** No new call; tails end. */
  readonly #closing = new AbortController();
  /** No further try of anything. */
  readonly #ended = new AbortController();
  #closed: Promise<void> | undefined;

  constructor(settings: KafkaSettings) {
    this.#settings = settings;
    this.#names = new Names(settings.topicPrefix);
    // Every tail listens until it ends, and a process may have more of them than Node expects.
    setMaxListeners(0, this.#closing.signal);
    const { signal } = this.#ended;
    this.#admin = createAdminLinks(settings, signal);
    this.#links = createClusterLinks(settings, signal);
    this.#reader = new Reader(this.#links);
    this.#directory = new TopicDirectory(this.#admin);
    this.#producer = new ProducerSlot(settings, signal);
    this.#appends = new AppendQueue({
      directory: this.#directory,
      producer: this.#producer,
      there: (topic) => this.#names.there(topic),
    });
  }

  /** Throws `unavailable` or, where the broker refuses name or password, `bad_request`. */
  async connect(): Promise<void> {
    const brokers = this.#settings.brokers.join(', ');
    await this.#admin.use(`Kafka at ${brokers}`, ({ admin }) => admin.describeCluster());
  }

  async ensureTopics(specs: readonly TopicSpec[]): Promise<void> {
    this.#checkOpen();
    for (const spec of specs) checkTopicSpec(spec);
    await ensureTopics(
      this.#admin,
      specs.map((spec) => ({ ...spec, name: this.#there(spec.name) })),
      this.#settings.replicationFactor,
    );
  }

  /** Those that begin with the prefix and that the user may describe. */
  async topics(): Promise<readonly string[]> {
    this.#checkOpen();
    const names = await this.#admin.use('listing topics', ({ admin }) => admin.listTopics());
    return names
      .filter((name) => this.#names.isOurs(name))
      .map((name) => this.#names.here(name))
      .sort();
  }

  async append(records: readonly OutgoingRecord[]): Promise<RecordPosition[]> {
    this.#checkOpen();
    return await this.#appends.append(records);
  }

  async consume(options: ConsumeOptions): Promise<GroupConsumer> {
    this.#checkOpen();
    checkConsume(options);
    const groupId = this.#names.there(options.groupId);
    const topics = options.topics.map((topic) => this.#there(topic));
    let partitions = 0;
    for (const topic of new Set(topics)) partitions += await this.#directory.partitionsOf(topic);
    if (options.from === 'latest') await startAtEnd(this.#admin, this.#reader, groupId, topics);
    this.#checkOpen();
    const member = new GroupMember({
      consume: options,
      settings: this.#settings,
      names: this.#names,
      sessionTimeoutMs: options.sessionTimeoutMs ?? DEFAULT_SESSION_TIMEOUT_MS,
      partitions,
      append: (records) => this.#appends.append(records),
    });
    this.#members.add(member);
    return member;
  }

  tail(options: TailOptions): AsyncIterable<RecordBatch> {
    this.#checkOpen();
    const there = this.#there(options.topic);
    return tailTopic(options, {
      settings: this.#settings,
      reader: this.#reader,
      closing: this.#closing.signal,
      there,
      checkTopic: () => this.#directory.partitionsOf(there),
    });
  }

  async read(
    topic: string,
    partition: number,
    offset: bigint,
    count: number,
  ): Promise<readonly LogRecord[]> {
    this.#checkOpen();
    const there = this.#there(topic);
    const partitions = await this.#directory.partitionsOf(there);
    if (!Number.isInteger(partition) || partition < 0 || partition >= partitions) {
      throw new EventLogError(
        'bad_request',
        `topic ${topic}: expected a partition below ${partitions}, found ${partition}`,
      );
    }
    if (count < 1) return [];
    return await this.#reader.read({ topic, there, partition, offset }, count);
  }

  async offsets(topic: string): Promise<readonly PartitionOffsets[]> {
    this.#checkOpen();
    const there = this.#there(topic);
    await this.#directory.partitionsOf(there);
    return await this.#reader.offsets(there);
  }

  async lag(groupId: string, topics: readonly string[]): Promise<readonly PartitionLag[]> {
    this.#checkOpen();
    const group = this.#names.there(groupId);
    const lags = topics.map(async (topic): Promise<PartitionLag[]> => {
      const there = this.#there(topic);
      const count = await this.#directory.partitionsOf(there);
      // In this order, so that a commit is never ahead of the end.
      const commits = await committedOffsets(this.#admin, group, there, count);
      const offsets = await this.#reader.offsets(there);
      return offsets.map(({ partition, low, high }) => {
        const committed = commits[partition];
        const at = committed !== undefined && committed > low ? committed : low;
        return { topic, partition, committed, lag: high > at ? high - at : 0n };
      });
    });
    return (await Promise.all(lags)).flat();
  }

  /** The broker cleans by itself. */
  async clean(): Promise<void> {
    this.#checkOpen();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#members].map((member) => member.stop()));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FLUSH_PATIENCE_MS);
    });
    await Promise.race([this.#appends.idle(), late]);
    clearTimeout(timer);
    this.#ended.abort();
    this.#producer.close();
    this.#links.close();
    this.#admin.close();
  }

  #there(topic: string): string {
    checkName('topic', topic);
    return this.#names.there(topic);
  }

  #checkOpen(): void {
    if (this.#closing.signal.aborted) {
      throw new EventLogError('closed', 'the event log is closed');
    }
  }
}
