import { Family, occurredAtMs, type Trigger } from '@glitchwatch/proto';
import { defaultFamilyName } from './family-name.js';
import { countBy, medianOf, statedValues } from './trigger-facts.js';

/** A family as the fit knows it. */
export interface FittedFamily {
  readonly familyId: number;
  readonly persistence: number;
  readonly mapX: number;
  readonly mapY: number;
  /** Rows of all members. */
  readonly memberRows: readonly number[];
  /** Rows nearest the medoid, nearest first. */
  readonly exemplarRows: readonly number[];
}

/** What is known of the members beside their vectors. */
export interface MemberFacts {
  readonly trigger: Trigger;
  readonly ingestedAtMs: number;
}

/**
 * The family as it goes out with the model. Members that have left the reference
 * store count, but add no facts. Labels are shown and never used to fit.
 */
export function summarizeFamily(
  family: FittedFamily,
  {
    glitchIds,
    firstModelVersion,
    factsOf,
  }: {
    readonly glitchIds: readonly string[];
    readonly firstModelVersion: number;
    readonly factsOf: (glitchId: string) => MemberFacts | undefined;
  },
): Family {
  const facts = family.memberRows.flatMap((row) => factsOf(glitchIds[row]!) ?? []);
  const triggers = facts.map(({ trigger }) => trigger);
  const seenMs = facts.map((fact) => occurredAtMs(fact.trigger, fact.ingestedAtMs));
  const summary = Family.fromPartial({
    familyId: family.familyId,
    firstModelVersion,
    nMembers: BigInt(family.memberRows.length),
    persistence: family.persistence,
    mapX: family.mapX,
    mapY: family.mapY,
    exemplarGlitchIds: family.exemplarRows.map((row) => glitchIds[row]!),
    medianPeakFrequencyHz: medianOf(statedValues(triggers, 'peakFrequencyHz')),
    medianSnr: medianOf(statedValues(triggers, 'snr')),
    medianDurationSec: medianOf(statedValues(triggers, 'durationSec')),
    membersByIfo: countBy(triggers, (trigger) => trigger.ifo),
    membersByLabel: countBy(triggers, (trigger) => trigger.label),
    firstSeenMs: BigInt(seenMs.reduce((a, b) => Math.min(a, b), seenMs[0] ?? 0)),
    lastSeenMs: BigInt(seenMs.reduce((a, b) => Math.max(a, b), seenMs[0] ?? 0)),
  });
  summary.name = defaultFamilyName(summary, medianOf(statedValues(triggers, 'bandwidthHz')));
  return summary;
}
