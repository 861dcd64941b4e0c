import { type Family, type FamilyEvent, FamilyEventKind } from '@glitchwatch/proto';

const timeOf = (ms: bigint) =>
  `${new Date(Number(ms)).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** Heads of the columns of `familyLine`. */
export const FAMILY_HEAD = `   id  ${'name'.padEnd(32)}  members  ${'last seen'.padEnd(20)}  by detector`;

/** One family as a terminal line. */
export function familyLine(family: Family): string {
  const detectors = Object.entries(family.membersByIfo)
    .filter(([, n]) => n > 0n)
    .map(([ifo, n]) => `${ifo} ${n}`)
    .join(', ');
  const number = String(family.familyId).padStart(5);
  const count = String(family.nMembers).padStart(8);
  return `${number}  ${family.name.padEnd(32)} ${count}  ${timeOf(family.lastSeenMs)}  ${detectors}`.trimEnd();
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
