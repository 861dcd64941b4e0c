import { type Family, type FamilyEvent, FamilyEventKind } from '@glitchwatch/proto';

const timeOf = (ms: bigint) =>
  `${new Date(Number(ms)).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

type Cells = readonly [id: string, name: string, members: string, seen: string, by: string];

const inColumns = ([id, name, members, seen, by]: Cells): string =>
  `${id.padStart(5)}  ${name.padEnd(32)} ${members.padStart(8)}  ${seen.padEnd(20)}  ${by}`.trimEnd();

/** Heads of the columns of `familyLine`. */
export const FAMILY_HEAD = inColumns(['id', 'name', 'members', 'last seen', 'by detector']);

/** One family as a terminal line. */
export function familyLine({ familyId, name, nMembers, lastSeenMs, membersByIfo }: Family): string {
  const detectors = Object.entries(membersByIfo)
    .sort()
    .map(([ifo, n]) => `${ifo} ${n}`)
    .join(', ');
  return inColumns([`${familyId}`, name, `${nMembers}`, timeOf(lastSeenMs), detectors]);
}

/** What became of a family, as a terminal line. */
export function familyEventLine(event: FamilyEvent): string {
  return `${timeOf(event.atMs)}  model ${event.modelVersion}  family ${event.familyId} ${deedOf(event)}`;
}

function deedOf(event: FamilyEvent): string {
  const { membersBefore: before, membersAfter: after, membersShared: shared } = event;
  switch (event.kind) {
    case FamilyEventKind.FAMILY_EVENT_KIND_BORN:
      return `born with ${after} members`;
    case FamilyEventKind.FAMILY_EVENT_KIND_GREW:
      return `grew from ${before} to ${after} members, ${shared} of them the same`;
    case FamilyEventKind.FAMILY_EVENT_KIND_SHRANK:
      return `shrank from ${before} to ${after} members, ${shared} of them the same`;
    case FamilyEventKind.FAMILY_EVENT_KIND_SPLIT_FROM:
      return `split from family ${event.otherFamilyId} with ${after} members, ${shared} of its ${before}`;
    case FamilyEventKind.FAMILY_EVENT_KIND_MERGED_INTO:
      return `merged into family ${event.otherFamilyId}, ${shared} of ${before} members`;
    case FamilyEventKind.FAMILY_EVENT_KIND_RETIRED:
      return `retired, ${before} members`;
    case FamilyEventKind.FAMILY_EVENT_KIND_RENAMED:
      return event.name === '' ? 'has its default name again' : `named "${event.name}"`;
    case FamilyEventKind.FAMILY_EVENT_KIND_UNSPECIFIED:
    case FamilyEventKind.UNRECOGNIZED:
      return 'changed in a way that this version does not know';
    default:
      return event.kind satisfies never;
  }
}
