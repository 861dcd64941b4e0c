import { createHash } from 'node:crypto';
import { Assignment } from '@glitchwatch/proto';

export interface AssignmentDigest {
  /** Of the content of every assignment, by glitch id and then model version. */
  readonly sha256: string;
  /** Distinct pairs of glitch and model version. */
  readonly assignments: number;
  /** Assignments beyond the first of their glitch and model version. */
  readonly repeated: number;
}

/**
 * What two streams of assignments must share to be the same: every field of every
 * assignment, bit for bit, but for the moment at which it was given (`assigned_at_ms`).
 * The order in which they came does not matter, because partitions have no order
 * among them; a repetition with the same content changes nothing, one with another does.
 */
export function digestAssignments(assignments: Iterable<Assignment>): AssignmentDigest {
  const byKey = new Map<string, Set<string>>();
  let count = 0;
  for (const assignment of assignments) {
    count++;
    const key = `${assignment.glitchId} ${String(assignment.modelVersion).padStart(10, '0')}`;
    const content = createHash('sha256').update(contentOf(assignment)).digest('hex');
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, new Set([content]));
    else known.add(content);
  }
  const hash = createHash('sha256');
  for (const key of [...byKey.keys()].sort()) {
    const contents = [...(byKey.get(key) ?? [])].sort();
    hash.update(`${key} ${contents.join(' ')}\n`);
  }
  return {
    sha256: hash.digest('hex'),
    assignments: byKey.size,
    repeated: count - byKey.size,
  };
}

/** Protobuf writes fields in the order of their numbers, so equal content is equal bytes. */
function contentOf(assignment: Assignment): Uint8Array {
  return Assignment.encode({ ...assignment, assignedAtMs: 0n }).finish();
}
