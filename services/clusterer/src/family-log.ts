import type { EventLog } from '@glitchwatch/event-log';
import {
  FamilyEvent,
  FamilyEventKind,
  familyEventId,
  type ModelActivated,
  messageHeaders,
  topics,
} from '@glitchwatch/proto';
import { decoded } from './decoded.js';
import { ClustererError } from './errors.js';
import { recordsOf } from './log-replay.js';

/** Far more than two refits and all names between them can be. */
const LOOK_BACK = 20_000n;

/**
 * Puts what a model changed on glitch.families, where it is kept for ever. It stands in
 * the activation already, so whoever leads after a crash between the two makes up for
 * it: what is there is left out.
 */
export async function announceFamilies(
  log: Pick<EventLog, 'append' | 'offsets' | 'read'>,
  { modelVersion, familyEvents }: ModelActivated,
): Promise<void> {
  const said = await familiesSaid(log, modelVersion);
  const unsaid = familyEvents.filter(({ familyId }) => !said.has(familyId));
  if (unsaid.length === 0) return;
  await log.append(
    unsaid.map((event) => ({
      topic: topics.families,
      key: String(event.familyId),
      value: FamilyEvent.encode(event).finish(),
      headers: messageHeaders('FamilyEvent', familyEventId(event.familyId, modelVersion)),
    })),
  );
}

/** Families whose change by this model is on the log. */
async function familiesSaid(
  log: Pick<EventLog, 'offsets' | 'read'>,
  modelVersion: number,
): Promise<ReadonlySet<number>> {
  const ends = await log.offsets(topics.families);
  const from = new Map(ends.map(({ partition, high }) => [partition, high - LOOK_BACK]));
  const said = new Set<number>();
  for await (const record of recordsOf(log, topics.families, { from })) {
    const event = decoded(FamilyEvent, record);
    // A name tells the model in force too, and is no change by it.
    if (event instanceof ClustererError) continue;
    if (event.kind === FamilyEventKind.FAMILY_EVENT_KIND_RENAMED) continue;
    if (event.modelVersion === modelVersion) said.add(event.familyId);
  }
  return said;
}
