import type { GroupRow, MemberRow } from './rows.js';

export function hasExpired(member: MemberRow, nowMs: number): boolean {
  // A heartbeat far in the future was written before the clock was set back.
  return Math.abs(nowMs - member.seenAtMs) > member.sessionTimeoutMs;
}

/**
 * May `owner` keep a partition that is meant for another? One that has left the
 * group holds nothing; one asked to let go has a session's time to finish its batch.
 */
export function isHeld(group: GroupRow, owner: string | undefined, nowMs: number): boolean {
  const member = owner === undefined ? undefined : group.members[owner];
  if (member === undefined) return false;
  return Math.abs(nowMs - group.changedAtMs) <= member.sessionTimeoutMs;
}
