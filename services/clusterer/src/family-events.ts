import { FamilyEvent, FamilyEventKind } from '@glitchwatch/proto';

export interface FamilyEventsInput {
  /** Family of each row under the new model, -1 for none. */
  readonly familyIds: Int32Array;
  /** Family of each row under the model before, -1 for none. */
  readonly previousFamilyIds: Int32Array;
  /** Families that the model before had, with or without a row here. */
  readonly familiesBefore: readonly number[];
}

/** A family explains another's change where it holds at least so much of its members. */
const MAJORITY = 0.5;

/**
 * What a refit made of the families, by family id: new ones are born or split from the
 * family that most of their members were in; those that are gone are merged into the one
 * that has most of their members, or retired; the others grew, shrank or stayed as many.
 * A family has one event at most, none where it has as many members as before.
 */
export function familyEvents(input: FamilyEventsInput): FamilyEvent[] {
  const counts = countMembers(input);
  const before = new Set(input.familiesBefore);
  const ids = [...new Set([...before, ...counts.after.keys()])].sort((a, b) => a - b);
  return ids.flatMap((familyId) => {
    if (!counts.after.has(familyId)) return endOf(familyId, counts);
    return before.has(familyId) ? changeOf(familyId, counts) : beginningOf(familyId, counts);
  });
}

interface Counts {
  readonly before: ReadonlyMap<number, number>;
  readonly after: ReadonlyMap<number, number>;
  /** Rows that were in the outer family and are in the inner, and the other way about. */
  readonly goneTo: ReadonlyMap<number, ReadonlyMap<number, number>>;
  readonly comeFrom: ReadonlyMap<number, ReadonlyMap<number, number>>;
}

function countMembers({ familyIds, previousFamilyIds }: FamilyEventsInput): Counts {
  const before = new Map<number, number>();
  const after = new Map<number, number>();
  const goneTo = new Map<number, Map<number, number>>();
  const comeFrom = new Map<number, Map<number, number>>();
  familyIds.forEach((now, row) => {
    const then = previousFamilyIds[row]!;
    if (then >= 0) add(before, then);
    if (now >= 0) add(after, now);
    if (then < 0 || now < 0) return;
    add(innerOf(goneTo, then), now);
    add(innerOf(comeFrom, now), then);
  });
  return { before, after, goneTo, comeFrom };
}

function beginningOf(familyId: number, counts: Counts): FamilyEvent[] {
  const membersAfter = counts.after.get(familyId) ?? 0;
  const parent = greatest(counts.comeFrom.get(familyId));
  const facts = { familyId, membersAfter: BigInt(membersAfter) };
  if (parent === undefined || parent.shared < MAJORITY * sumOf(counts.comeFrom.get(familyId)))
    return [event(FamilyEventKind.FAMILY_EVENT_KIND_BORN, facts)];
  // Mostly new glitches beside a few strays of an old family are no part of that one.
  if (parent.shared < MAJORITY * membersAfter)
    return [event(FamilyEventKind.FAMILY_EVENT_KIND_BORN, facts)];
  return [
    event(FamilyEventKind.FAMILY_EVENT_KIND_SPLIT_FROM, {
      ...facts,
      otherFamilyId: parent.familyId,
      membersBefore: BigInt(counts.before.get(parent.familyId) ?? 0),
      membersShared: BigInt(parent.shared),
    }),
  ];
}

function endOf(familyId: number, counts: Counts): FamilyEvent[] {
  const membersBefore = counts.before.get(familyId) ?? 0;
  const heir = greatest(counts.goneTo.get(familyId));
  const facts = { familyId, membersBefore: BigInt(membersBefore) };
  if (heir === undefined || heir.shared < MAJORITY * membersBefore)
    return [event(FamilyEventKind.FAMILY_EVENT_KIND_RETIRED, facts)];
  return [
    event(FamilyEventKind.FAMILY_EVENT_KIND_MERGED_INTO, {
      ...facts,
      otherFamilyId: heir.familyId,
      membersAfter: BigInt(counts.after.get(heir.familyId) ?? 0),
      membersShared: BigInt(heir.shared),
    }),
  ];
}

function changeOf(familyId: number, counts: Counts): FamilyEvent[] {
  const membersBefore = counts.before.get(familyId) ?? 0;
  const membersAfter = counts.after.get(familyId) ?? 0;
  if (membersAfter === membersBefore) return [];
  const kind =
    membersAfter > membersBefore
      ? FamilyEventKind.FAMILY_EVENT_KIND_GREW
      : FamilyEventKind.FAMILY_EVENT_KIND_SHRANK;
  return [
    event(kind, {
      familyId,
      membersBefore: BigInt(membersBefore),
      membersAfter: BigInt(membersAfter),
      membersShared: BigInt(counts.goneTo.get(familyId)?.get(familyId) ?? 0),
    }),
  ];
}

function event(
  kind: FamilyEventKind,
  facts: Partial<Omit<FamilyEvent, 'kind' | 'modelVersion' | 'name' | 'atMs'>>,
): FamilyEvent {
  return FamilyEvent.fromPartial({ kind, ...facts });
}

/** The most shared, of equals the lowest id. */
function greatest(
  shared: ReadonlyMap<number, number> | undefined,
): { readonly familyId: number; readonly shared: number } | undefined {
  const [top] = [...(shared ?? [])].sort(([a, n], [b, m]) => m - n || a - b);
  return top && { familyId: top[0], shared: top[1] };
}

function sumOf(shared: ReadonlyMap<number, number> | undefined): number {
  return [...(shared?.values() ?? [])].reduce((sum, n) => sum + n, 0);
}

function innerOf(outer: Map<number, Map<number, number>>, key: number): Map<number, number> {
  const inner = outer.get(key) ?? new Map<number, number>();
  outer.set(key, inner);
  return inner;
}

function add(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
