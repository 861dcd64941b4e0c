import type { ProcessIdentity } from './process-identity.js';
import type { PackedRecords } from './record-codec.js';
import type { TopicRow } from './rows.js';

/** What the writer thread is asked to do; each is one atomic change. */
export type Command =
  | {
      readonly kind: 'ensure-topics';
      readonly specs: readonly (Omit<TopicRow, 'id'> & { readonly name: string })[];
    }
  | { readonly kind: 'append'; readonly records: PackedRecords }
  | {
      readonly kind: 'commit';
      readonly groupId: string;
      readonly memberId: string;
      readonly topic: string;
      readonly topicId: number;
      readonly partition: number;
      /** Next offset to be processed. */
      readonly offset: number;
      readonly outputs: PackedRecords;
    }
  | {
      readonly kind: 'join';
      readonly groupId: string;
      readonly memberId: string;
      readonly topics: readonly string[];
      readonly sessionTimeoutMs: number;
      readonly process: ProcessIdentity | null;
    }
  | {
      readonly kind: 'sync';
      readonly groupId: string;
      readonly memberId: string;
      readonly from: 'earliest' | 'latest';
      /** Members whose process is known to have died. */
      readonly dead: readonly string[];
    }
  | {
      readonly kind: 'release';
      readonly groupId: string;
      readonly memberId: string;
      readonly topicPartitions: readonly string[];
    }
  | { readonly kind: 'leave'; readonly groupId: string; readonly memberId: string }
  | { readonly kind: 'claim-cleaning'; readonly intervalMs: number }
  | {
      readonly kind: 'expire';
      readonly topicId: number;
      readonly partition: number;
      /** Records older than this go, milliseconds since the Unix epoch. */
      readonly beforeMs: number;
      readonly limit: number;
    }
  | {
      readonly kind: 'remove';
      readonly topicId: number;
      readonly partition: number;
      readonly offsets: readonly number[];
    };

export interface SyncResult {
  /** False: the session had expired, and the member must join again. */
  readonly member: boolean;
  readonly generation: number;
  /** Newly taken partitions with the next offset to process. */
  readonly claimed: readonly { readonly topicPartition: string; readonly offset: number }[];
  /** Partitions that this member holds, newly taken ones included. */
  readonly held: readonly string[];
  /** Of those, the ones to be given up. */
  readonly revoked: readonly string[];
  /** Partitions meant for this member that another still holds. */
  readonly awaited: readonly string[];
}

export interface CommandResults {
  'ensure-topics': null;
  /** Offset of each record. */
  append: readonly number[];
  commit: readonly number[];
  join: null;
  sync: SyncResult;
  release: null;
  leave: null;
  /** True when this log may clean now. */
  'claim-cleaning': boolean;
  /** True when there may be more to expire. */
  expire: boolean;
  remove: null;
}

export type CommandOf<K extends Command['kind']> = Extract<Command, { kind: K }>;

/** Names of what changed, for those who wait: "topicId/partition" or "group id". */
export const changeNames = {
  partition: (topicId: number, partition: number) => `${topicId}/${partition}`,
  group: (groupId: string) => `group ${groupId}`,
} as const;

export interface CommandOutcome {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

export type ToWriter =
  | { readonly kind: 'command'; readonly id: number; readonly command: Command }
  | { readonly kind: 'close' };

export type FromWriter =
  | {
      readonly kind: 'done';
      readonly outcomes: readonly CommandOutcome[];
      readonly changes: readonly string[];
    }
  | { readonly kind: 'opened' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };
