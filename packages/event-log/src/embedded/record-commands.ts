import { EventLogError } from '../errors.js';
import { type CommandOf, changeNames } from './commands.js';
import type { PackedRecords } from './record-codec.js';
import { timestampOf } from './record-codec.js';
import {
  offsetOfKey,
  type PartitionRow,
  readCommit,
  readOwner,
  readPartition,
  recordKey,
  rowKeys,
  topicPartition,
  writeRow,
} from './rows.js';
import type { WriteTransaction } from './write-transaction.js';

export function append(txn: WriteTransaction, command: CommandOf<'append'>): number[] {
  return store(txn, command.records);
}

/** Appends a batch's outputs and moves its offset, if the member still has the partition. */
export function commit(txn: WriteTransaction, command: CommandOf<'commit'>): number[] {
  const { groupId, memberId, topicId, partition, offset } = command;
  const name = topicPartition(command.topic, partition);
  const owner = readOwner(txn.environment, groupId, name);
  if (owner !== memberId) {
    throw new EventLogError(
      'fenced',
      `group ${groupId}: ${name} has gone from member ${memberId} to ${owner ?? 'nobody'}; its batch up to offset ${offset} is not committed`,
    );
  }
  const before = readCommit(txn.environment, groupId, topicId, partition);
  if (before !== undefined && before > offset) {
    throw new EventLogError(
      'fenced',
      `group ${groupId}: ${name} is committed up to ${before}, found a commit of ${offset}`,
    );
  }
  const offsets = store(txn, command.outputs);
  writeRow(txn.environment, rowKeys.commit(groupId, topicId, partition), offset);
  return offsets;
}

function store(txn: WriteTransaction, packed: PackedRecords): number[] {
  const { environment } = txn;
  txn.reserve(packed.slots.map((slot) => slot.end - slot.start));
  const rows = new Map<string, { topicId: number; partition: number; row: PartitionRow }>();
  const bytes = Buffer.from(packed.buffer);
  const offsets: number[] = [];
  for (const { topicId, partition, start, end } of packed.slots) {
    const name = changeNames.partition(topicId, partition);
    const row = rows.get(name)?.row ?? readPartition(environment, topicId, partition);
    const key = recordKey(topicId, partition, row.high);
    environment.records.putSync(key, bytes.subarray(start, end));
    offsets.push(row.high);
    rows.set(name, { topicId, partition, row: { low: row.low, high: row.high + 1 } });
  }
  for (const [name, { topicId, partition, row }] of rows) {
    writeRow(environment, rowKeys.partition(topicId, partition), row);
    txn.changes.add(name);
  }
  return offsets;
}

/** Removes records from the old end that are past their time, never the newest. */
export function expire(txn: WriteTransaction, command: CommandOf<'expire'>): boolean {
  const { topicId, partition, beforeMs, limit } = command;
  const row = readPartition(txn.environment, topicId, partition);
  const old: Buffer[] = [];
  for (const { key, value } of txn.environment.records.getRange({
    start: recordKey(topicId, partition, row.low),
    end: recordKey(topicId, partition, row.high - 1),
    limit,
  })) {
    if (timestampOf(value) >= beforeMs) break;
    old.push(Buffer.from(key));
  }
  removeKeys(txn, topicId, partition, old);
  return old.length === limit;
}

/** Removes records that newer ones of the same key have replaced. */
export function remove(txn: WriteTransaction, command: CommandOf<'remove'>): null {
  const { topicId, partition, offsets } = command;
  const keys = offsets.map((offset) => recordKey(topicId, partition, offset));
  removeKeys(txn, topicId, partition, keys);
  return null;
}

function removeKeys(
  txn: WriteTransaction,
  topicId: number,
  partition: number,
  keys: readonly Buffer[],
): void {
  if (keys.length === 0) return;
  const { records } = txn.environment;
  for (const key of keys) records.removeSync(key);
  const row = readPartition(txn.environment, topicId, partition);
  let low = row.high;
  for (const key of records.getKeys({
    start: recordKey(topicId, partition, row.low),
    end: recordKey(topicId, partition, row.high),
    limit: 1,
  })) {
    low = offsetOfKey(key);
  }
  writeRow(txn.environment, rowKeys.partition(topicId, partition), { low, high: row.high });
  txn.changes.add(changeNames.partition(topicId, partition));
}

/** Lets one log at a time clean, of all that have the folder open. */
export function claimCleaning(
  txn: WriteTransaction,
  command: CommandOf<'claim-cleaning'>,
): boolean {
  const { state } = txn.environment;
  const cleanedAtMs = (state.get([...rowKeys.cleanedAtMs]) as number | undefined) ?? 0;
  const waited = txn.nowMs - cleanedAtMs;
  // A negative wait means that the clock was set back.
  if (waited >= 0 && waited < command.intervalMs) return false;
  writeRow(txn.environment, rowKeys.cleanedAtMs, txn.nowMs);
  return true;
}
