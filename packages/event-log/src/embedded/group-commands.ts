import { assignPartitions } from './assignment.js';
import { type CommandOf, changeNames, type SyncResult } from './commands.js';
import { hasExpired, isHeld } from './group-expiry.js';
import {
  type GroupRow,
  type MemberRow,
  readCommit,
  readGroup,
  readOwner,
  readPartition,
  readTopic,
  removeRow,
  rowKeys,
  splitTopicPartition,
  writeRow,
} from './rows.js';
import type { WriteTransaction } from './write-transaction.js';

const emptyGroup: GroupRow = { generation: 0, changedAtMs: 0, members: {}, target: {} };

export function join(txn: WriteTransaction, command: CommandOf<'join'>): null {
  const { groupId, memberId, topics, sessionTimeoutMs, process } = command;
  const group = readGroup(txn.environment, groupId) ?? emptyGroup;
  const member: MemberRow = { topics, sessionTimeoutMs, seenAtMs: txn.nowMs, process };
  saveMembers(txn, groupId, group, { ...group.members, [memberId]: member });
  return null;
}

export function leave(txn: WriteTransaction, command: CommandOf<'leave'>): null {
  const { groupId, memberId } = command;
  const group = readGroup(txn.environment, groupId);
  if (group?.members[memberId] === undefined) return null;
  for (const name of Object.keys(group.target)) {
    if (readOwner(txn.environment, groupId, name) === memberId) {
      removeRow(txn.environment, rowKeys.owner(groupId, name));
    }
  }
  const { [memberId]: _gone, ...rest } = group.members;
  saveMembers(txn, groupId, group, rest);
  return null;
}

/** A former owner has finished with partitions that are meant for others. */
export function release(txn: WriteTransaction, command: CommandOf<'release'>): null {
  for (const name of command.topicPartitions) {
    if (readOwner(txn.environment, command.groupId, name) !== command.memberId) continue;
    removeRow(txn.environment, rowKeys.owner(command.groupId, name));
  }
  txn.changes.add(changeNames.group(command.groupId));
  return null;
}

/** Heartbeat, removal of silent members, and taking what is free and meant for this member. */
export function sync(txn: WriteTransaction, command: CommandOf<'sync'>): SyncResult {
  const { groupId, memberId } = command;
  const own = readGroup(txn.environment, groupId)?.members[memberId];
  if (own === undefined) {
    return { member: false, generation: 0, claimed: [], held: [], revoked: [], awaited: [] };
  }
  const group = removeSilent(txn, command, { ...own, seenAtMs: txn.nowMs });
  const claimed: { topicPartition: string; offset: number }[] = [];
  const held: string[] = [];
  const revoked: string[] = [];
  const awaited: string[] = [];
  for (const [name, target] of Object.entries(group.target)) {
    const owner = readOwner(txn.environment, groupId, name);
    if (owner === memberId) {
      held.push(name);
      if (target !== memberId) revoked.push(name);
    } else if (target === memberId) {
      if (isHeld(group, owner, txn.nowMs)) {
        awaited.push(name);
        continue;
      }
      writeRow(txn.environment, rowKeys.owner(groupId, name), memberId);
      claimed.push({ topicPartition: name, offset: startOffset(txn, command, name) });
      held.push(name);
      txn.changes.add(changeNames.group(groupId));
    }
  }
  return { member: true, generation: group.generation, claimed, held, revoked, awaited };
}

function removeSilent(
  txn: WriteTransaction,
  { groupId, memberId, dead }: CommandOf<'sync'>,
  own: MemberRow,
): GroupRow {
  const group = readGroup(txn.environment, groupId) ?? emptyGroup;
  const live: Record<string, MemberRow> = {};
  for (const [id, member] of Object.entries(group.members)) {
    if (id === memberId) live[id] = own;
    else if (!dead.includes(id) && !hasExpired(member, txn.nowMs)) live[id] = member;
  }
  if (Object.keys(live).length < Object.keys(group.members).length) {
    return saveMembers(txn, groupId, group, live);
  }
  const beaten = { ...group, members: live };
  writeRow(txn.environment, rowKeys.group(groupId), beaten);
  return beaten;
}

function saveMembers(
  txn: WriteTransaction,
  groupId: string,
  group: GroupRow,
  members: Readonly<Record<string, MemberRow>>,
): GroupRow {
  const partitionsOf: Record<string, number> = {};
  const topicsOf: Record<string, readonly string[]> = {};
  for (const [id, member] of Object.entries(members)) {
    topicsOf[id] = member.topics;
    for (const topic of member.topics) {
      partitionsOf[topic] ??= readTopic(txn.environment, topic)?.partitions ?? 0;
    }
  }
  const saved: GroupRow = {
    generation: group.generation + 1,
    changedAtMs: txn.nowMs,
    members,
    target: assignPartitions(partitionsOf, topicsOf, group.target),
  };
  writeRow(txn.environment, rowKeys.group(groupId), saved);
  txn.changes.add(changeNames.group(groupId));
  return saved;
}

/** Next offset of a partition that a member takes over. */
function startOffset(txn: WriteTransaction, command: CommandOf<'sync'>, name: string): number {
  const { topic, partition } = splitTopicPartition(name);
  const topicId = readTopic(txn.environment, topic)?.id ?? 0;
  const { low, high } = readPartition(txn.environment, topicId, partition);
  const committed = readCommit(txn.environment, command.groupId, topicId, partition);
  if (committed !== undefined) return Math.max(committed, low);
  if (command.from === 'earliest') return low;
  // Kept at once: otherwise a crash before the first batch would skip what came meanwhile.
  writeRow(txn.environment, rowKeys.commit(command.groupId, topicId, partition), high);
  return high;
}
