import { EventLogError } from '../errors.js';
import { checkRecordSize } from '../limits.js';
import { partitionOfKey } from '../partitioner.js';
import type { OutgoingRecord, RecordPosition } from '../port.js';
import { eventLogErrorOf } from './broker-error.js';
import type { ProducerSlot, Slot } from './producer-slot.js';
import { sizeOf } from './records.js';
import type { TopicDirectory } from './topic-directory.js';

/** A partition's share of one send is one batch for the broker: it must stay below its limit. */
const MAX_PARTITION_BYTES = 1_100_000;
const MAX_SEND_BYTES = 8 * 2 ** 20;
/** kafkajs copies a partition's messages once per message. */
const MAX_SEND_RECORDS = 1000;
/** What may wait for its send. Callers bound themselves well below; this is for those who do not. */
const MAX_WAITING_BYTES = 256 * 2 ** 20;

interface Entry {
  readonly records: readonly OutgoingRecord[];
  readonly bytes: number;
  readonly positions: (RecordPosition | undefined)[];
  /** How many records have been sent. */
  sent: number;
  readonly resolve: (positions: RecordPosition[]) => void;
  readonly reject: (error: Error) => void;
}

/** Some records of one append, in a send. */
interface Share {
  readonly entry: Entry;
  readonly slots: Slot[];
}

export interface AppendQueueOptions {
  readonly directory: TopicDirectory;
  readonly producer: ProducerSlot;
  /** Name of a topic on the cluster. */
  readonly there: (topic: string) => string;
  /** Default 256 MiB. */
  readonly maxWaitingBytes?: number;
}

/**
 * Sends one batch at a time, as kafkajs does anyway; what is appended meanwhile
 * goes together in the next. First come, first sent: a key keeps its order.
 */
export class AppendQueue {
  readonly #options: AppendQueueOptions;
  readonly #entries: Entry[] = [];
  readonly #turns = new Map<string, number>();
  #waitingBytes = 0;
  #running: Promise<void> | undefined;

  constructor(options: AppendQueueOptions) {
    this.#options = options;
  }

  /** Fails as `unavailable` where more waits already than memory is to hold. */
  append(records: readonly OutgoingRecord[]): Promise<RecordPosition[]> {
    if (records.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      let bytes = 0;
      for (const record of records) {
        checkRecordSize(record);
        bytes += sizeOf(record);
      }
      this.#takeRoom(bytes);
      this.#entries.push({ records, bytes, positions: [], sent: 0, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    await this.#running;
  }

  #takeRoom(bytes: number): void {
    const { maxWaitingBytes = MAX_WAITING_BYTES } = this.#options;
    // A single append is taken whatever its size, so that none waits for ever.
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > maxWaitingBytes) {
      throw new EventLogError(
        'unavailable',
        `append: expected at most ${maxWaitingBytes} bytes waiting to be sent, found ${this.#waitingBytes} and ${bytes} more`,
      );
    }
    this.#waitingBytes += bytes;
  }

  async #run(): Promise<void> {
    // Calls of the same turn of the event loop go together.
    await Promise.resolve();
    while (this.#entries.length > 0) {
      const shares = await this.#load();
      if (shares.length > 0) await this.#deliver(shares);
    }
    // In the same turn as the look at the queue, so that no append falls in between.
    this.#running = undefined;
  }

  /** Takes records from the front of the queue until one no longer fits. */
  async #load(): Promise<Share[]> {
    const shares: Share[] = [];
    const bytesOf = new Map<string, number>();
    let bytes = 0;
    let count = 0;
    for (let index = 0; index < this.#entries.length; ) {
      const entry = this.#entries[index]!;
      let partitions: ReadonlyMap<string, number>;
      try {
        partitions = await this.#partitionsOf(entry);
      } catch (error) {
        this.#fail(entry, error);
        continue;
      }
      const share: Share = { entry, slots: [] };
      for (let i = entry.sent; i < entry.records.length; i++) {
        const record = entry.records[i]!;
        const size = sizeOf(record);
        if (count > 0 && (bytes + size > MAX_SEND_BYTES || count >= MAX_SEND_RECORDS)) break;
        const slot = this.#place(record, partitions);
        const name = `${slot.topic}/${slot.partition}`;
        const beside = bytesOf.get(name) ?? 0;
        if (beside > 0 && beside + size > MAX_PARTITION_BYTES) break;
        bytesOf.set(name, beside + size);
        bytes += size;
        count += 1;
        share.slots.push(slot);
      }
      if (share.slots.length > 0) shares.push(share);
      if (entry.sent + share.slots.length < entry.records.length) break;
      index += 1;
    }
    return shares;
  }

  async #partitionsOf({ records, sent }: Entry): Promise<ReadonlyMap<string, number>> {
    const { directory, there } = this.#options;
    const partitions = new Map<string, number>();
    for (let i = sent; i < records.length; i++) {
      const { topic } = records[i]!;
      if (partitions.has(topic)) continue;
      partitions.set(topic, await directory.partitionsOf(there(topic)));
    }
    return partitions;
  }

  #place(record: OutgoingRecord, partitions: ReadonlyMap<string, number>): Slot {
    const { topic, key } = record;
    const count = partitions.get(topic)!;
    let partition: number;
    if (key !== undefined) partition = partitionOfKey(key, count);
    else {
      const turn = this.#turns.get(topic) ?? 0;
      this.#turns.set(topic, turn + 1);
      partition = turn % count;
    }
    return { topic: this.#options.there(topic), partition, record };
  }

  async #deliver(shares: readonly Share[]): Promise<void> {
    try {
      await this.#send(shares);
    } catch (error) {
      const told = eventLogErrorOf(error, 'append');
      // Topics may have been deleted or made anew: they are looked up again.
      for (const { slots } of shares) {
        for (const { topic } of slots) this.#options.directory.forget(topic);
      }
      if (shares.length === 1 || told.code === 'unavailable' || told.code === 'closed') {
        for (const { entry } of shares) this.#fail(entry, told);
        return;
      }
      // One append is at fault, and the others must not suffer for it.
      for (const share of shares) await this.#deliver([share]);
    }
  }

  async #send(shares: readonly Share[]): Promise<void> {
    const slots = shares.flatMap((share) => share.slots);
    const offsets = await this.#options.producer.send(slots);
    let at = 0;
    for (const { entry, slots: own } of shares) {
      for (const { partition, record } of own) {
        entry.positions.push({ topic: record.topic, partition, offset: offsets[at]! });
        at += 1;
      }
      entry.sent += own.length;
      if (entry.sent === entry.records.length) {
        this.#remove(entry);
        entry.resolve(entry.positions as RecordPosition[]);
      }
    }
  }

  #fail(entry: Entry, error: unknown): void {
    this.#remove(entry);
    entry.reject(error instanceof EventLogError ? error : eventLogErrorOf(error, 'append'));
  }

  #remove(entry: Entry): void {
    const index = this.#entries.indexOf(entry);
    if (index < 0) return;
    this.#entries.splice(index, 1);
    this.#waitingBytes -= entry.bytes;
  }
}
