import type { Environment } from './environment.js';
import type { ProcessIdentity } from './process-identity.js';

/** What a topic was created with; never changes. */
export interface TopicRow {
  readonly id: number;
  readonly partitions: number;
  readonly cleanup: 'delete' | 'compact';
  readonly retentionMs: number | null;
}

/** Oldest offset kept and the offset that the next record gets. */
export interface PartitionRow {
  readonly low: number;
  readonly high: number;
}

export interface MemberRow {
  readonly topics: readonly string[];
  readonly sessionTimeoutMs: number;
  /** Last heartbeat, milliseconds since the Unix epoch. */
  readonly seenAtMs: number;
  readonly process: ProcessIdentity | null;
}

export interface GroupRow {
  /** Grows with every join, leave and expiry. */
  readonly generation: number;
  readonly changedAtMs: number;
  readonly members: Readonly<Record<string, MemberRow>>;
  /** Who ought to have each "topic/partition". */
  readonly target: Readonly<Record<string, string>>;
}

/**
 * Keys of the state rows. Owner rows say who does hold a partition: a member takes
 * one that is its target once nobody holds it, and commits only while it holds it.
 */
export const rowKeys = {
  version: ['version'],
  nextTopicId: ['next-topic-id'],
  cleanedAtMs: ['cleaned-at'],
  topic: (name: string) => ['topic', name],
  partition: (topicId: number, partition: number) => ['partition', topicId, partition],
  group: (groupId: string) => ['group', groupId],
  owner: (groupId: string, topicPartition: string) => ['owner', groupId, topicPartition],
  commit: (groupId: string, topicId: number, partition: number) => [
    'commit',
    groupId,
    topicId,
    partition,
  ],
} as const;

function row<T>(environment: Environment, key: readonly (string | number)[]): T | undefined {
  return environment.state.get(key as (string | number)[]) as T | undefined;
}

export const readVersion = (e: Environment): number => row<number>(e, rowKeys.version) ?? 0;
export const readTopic = (e: Environment, name: string): TopicRow | undefined =>
  row(e, rowKeys.topic(name));
export const readPartition = (e: Environment, topicId: number, partition: number): PartitionRow =>
  row(e, rowKeys.partition(topicId, partition)) ?? { low: 0, high: 0 };
export const readGroup = (e: Environment, groupId: string): GroupRow | undefined =>
  row(e, rowKeys.group(groupId));
export const readOwner = (
  e: Environment,
  groupId: string,
  topicPartition: string,
): string | undefined => row(e, rowKeys.owner(groupId, topicPartition));
export const readCommit = (
  e: Environment,
  groupId: string,
  topicId: number,
  partition: number,
): number | undefined => row(e, rowKeys.commit(groupId, topicId, partition));

/** Only inside a write transaction. */
export function writeRow(
  environment: Environment,
  key: readonly (string | number)[],
  value: unknown,
): void {
  environment.state.putSync(key as (string | number)[], value);
}

/** Only inside a write transaction. */
export function removeRow(environment: Environment, key: readonly (string | number)[]): void {
  environment.state.removeSync(key as (string | number)[]);
}

export function topicPartition(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

/** Reads "topic/partition" back; topic names hold no "/". */
export function splitTopicPartition(text: string): { topic: string; partition: number } {
  const slash = text.lastIndexOf('/');
  return { topic: text.slice(0, slash), partition: Number(text.slice(slash + 1)) };
}

/** Key of a record; keys sort by topic, partition, offset. */
export function recordKey(topicId: number, partition: number, offset: number): Buffer {
  const key = Buffer.allocUnsafe(16);
  key.writeUInt32BE(topicId, 0);
  key.writeUInt32BE(partition, 4);
  // A double that is not negative sorts like its bytes, and offsets stay below 2^53.
  key.writeDoubleBE(offset, 8);
  return key;
}

export function offsetOfKey(key: Buffer): number {
  return key.readDoubleBE(8);
}
