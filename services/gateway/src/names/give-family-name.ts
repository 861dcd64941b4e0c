import {
  FamilyEvent,
  FamilyEventKind,
  familyNameEventId,
  messageHeaders,
  topics,
} from '@glitchwatch/proto';
import type { GatewayParts } from '../context.js';
import { GatewayError } from '../errors.js';
import type { LiveFamily } from '../read-model/family-board.js';

const MAX_LENGTH = 80;
/** Control characters and line breaks would break a list or a terminal. */
const unfit = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/**
 * Puts a name on the log, from where every gateway takes it. Empty: the default name
 * comes back.
 *
 * @returns the family as it is called from now on.
 * @throws GatewayError `starting`, `unknown_family`, `invalid_argument`.
 */
export async function giveFamilyName(
  { log, clock, model, isCaughtUp }: GatewayParts,
  familyId: number,
  name: string,
): Promise<LiveFamily> {
  if (!isCaughtUp())
    throw new GatewayError('starting', 'names can be given once this gateway has read the log');
  const family = familyOf(model.families.list(clock.nowMs()), familyId);
  const given = checkedName(name);
  const atMs = BigInt(clock.nowMs());
  const event = FamilyEvent.fromPartial({
    kind: FamilyEventKind.FAMILY_EVENT_KIND_RENAMED,
    familyId,
    modelVersion: model.families.model?.modelVersion ?? 0,
    membersAfter: BigInt(family.count),
    name: given,
    atMs,
  });
  await log.append([
    {
      topic: topics.families,
      key: String(familyId),
      value: FamilyEvent.encode(event).finish(),
      headers: messageHeaders('FamilyEvent', familyNameEventId(familyId, given, atMs)),
    },
  ]);
  // Our own reader comes by in a moment; what it finds is what is told here.
  return {
    ...family,
    family: { ...family.family, name: given || model.families.defaultName(familyId) },
  };
}

function familyOf(families: readonly LiveFamily[], familyId: number): LiveFamily {
  const found = families.find(({ family }) => family.familyId === familyId);
  if (found !== undefined) return found;
  throw new GatewayError(
    'unknown_family',
    `family ${familyId}: expected a family of the active model, found none of that number`,
  );
}

function checkedName(name: string): string {
  const given = name.trim();
  if ([...given].length > MAX_LENGTH)
    throw new GatewayError(
      'invalid_argument',
      `name: expected at most ${MAX_LENGTH} characters, found ${[...given].length}`,
    );
  if (unfit.test(given))
    throw new GatewayError(
      'invalid_argument',
      'name: expected one line, found a control character',
    );
  return given;
}
