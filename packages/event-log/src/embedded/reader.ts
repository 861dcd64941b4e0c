import { EventLogError } from '../errors.js';
import type { LogRecord } from '../port.js';
import type { Environment } from './environment.js';
import { decodeRecord } from './record-codec.js';
import {
  type GroupRow,
  offsetOfKey,
  type PartitionRow,
  readCommit,
  readGroup,
  readOwner,
  readPartition,
  readTopic,
  readVersion,
  recordKey,
  type TopicRow,
} from './rows.js';

export interface ReadRange {
  readonly topic: string;
  readonly topicId: number;
  readonly partition: number;
  readonly from: number;
  /** First offset not to be read; the end of the partition when absent. */
  readonly end?: number | undefined;
  readonly maxRecords: number;
  readonly maxBytes: number;
}

export interface ReadResult {
  readonly records: readonly LogRecord[];
  /** Where to go on. Past cleaned records, so it may grow while `records` is empty. */
  readonly next: number;
}

/** Reads of the calling thread; each call sees all that was committed before it. */
export class Reader {
  readonly #environment: Environment;
  readonly #topics = new Map<string, TopicRow>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  version(): number {
    return readVersion(this.#fresh());
  }

  /** Throws `unknown_topic`. */
  topic(name: string): TopicRow {
    const known = this.#topics.get(name) ?? readTopic(this.#fresh(), name);
    if (known === undefined) {
      throw new EventLogError('unknown_topic', `topic ${name} does not exist`);
    }
    this.#topics.set(name, known);
    return known;
  }

  topicNames(): string[] {
    const names: string[] = [];
    for (const key of this.#fresh().state.getKeys({
      start: ['topic', ''],
      end: ['topic', '\uffff'],
    })) {
      names.push(String((key as string[])[1]));
    }
    return names;
  }

  partition(topicId: number, partition: number): PartitionRow {
    return readPartition(this.#fresh(), topicId, partition);
  }

  group(groupId: string): GroupRow | undefined {
    return readGroup(this.#fresh(), groupId);
  }

  owner(groupId: string, topicPartition: string): string | undefined {
    return readOwner(this.#fresh(), groupId, topicPartition);
  }

  committed(groupId: string, topicId: number, partition: number): number | undefined {
    return readCommit(this.#fresh(), groupId, topicId, partition);
  }

  /** At least one record where there is one, then as many as fit. */
  read(range: ReadRange): ReadResult {
    const { topic, topicId, partition, from, maxRecords, maxBytes } = range;
    const { low, high } = this.partition(topicId, partition);
    const end = Math.min(range.end ?? high, high);
    const start = Math.max(from, low);
    if (start >= end) return { records: [], next: Math.max(from, Math.min(start, end)) };
    const records: LogRecord[] = [];
    let bytes = 0;
    for (const { key, value } of this.#environment.records.getRange({
      start: recordKey(topicId, partition, start),
      end: recordKey(topicId, partition, end),
      limit: maxRecords,
    })) {
      if (records.length > 0 && bytes + value.length > maxBytes) return next(records);
      bytes += value.length;
      records.push(decodeRecord(value, topic, partition, offsetOfKey(key)));
    }
    return records.length === maxRecords ? next(records) : { records, next: end };
  }

  #fresh(): Environment {
    this.#environment.root.resetReadTxn();
    return this.#environment;
  }
}

function next(records: readonly LogRecord[]): ReadResult {
  return { records, next: Number(records.at(-1)?.offset ?? 0n) + 1 };
}
