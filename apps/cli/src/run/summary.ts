import {
  adjustedRand,
  clusterCompositions,
  clusterEntropy,
  normalizedMutualInfo,
  purity,
} from '@glitchwatch/numerics';
import type { CollectedRun } from './collect.js';

/** Families against human labels; null where nothing can be compared. */
export interface LabelAgreement {
  readonly labelled: number;
  readonly labels: number;
  /** Labelled glitches that are in a family; the figures below are over these. */
  readonly assignedLabelled: number;
  readonly purity: number | null;
  /** Entropy of the labels within a family, mean over glitches, in nats. */
  readonly entropy: number | null;
  readonly entropy_bits: number | null;
  readonly normalized_mutual_info: number | null;
  readonly adjusted_rand: number | null;
}

export interface FamilyAgreement {
  readonly purity: number;
  readonly entropy: number;
  readonly majorityLabel: string;
}

const orNull = (value: number) => (Number.isFinite(value) ? value : null);

/** Labels as whole numbers in order of first appearance, with their families. */
function labelled({ glitches }: CollectedRun) {
  const names: string[] = [];
  const classes: number[] = [];
  const families: number[] = [];
  for (const { assignment } of glitches) {
    const label = assignment.trigger?.label ?? '';
    if (label === '') continue;
    let index = names.indexOf(label);
    if (index < 0) index = names.push(label) - 1;
    classes.push(index);
    families.push(assignment.familyId);
  }
  return { names, classes, families };
}

export function labelAgreement(run: CollectedRun): LabelAgreement {
  const all = labelled(run);
  const keep = all.families.map((family) => family >= 0);
  const classes = all.classes.filter((_, i) => keep[i]);
  const families = all.families.filter((_, i) => keep[i]);
  const nats = orNull(clusterEntropy(classes, families));
  return {
    labelled: all.classes.length,
    labels: all.names.length,
    assignedLabelled: classes.length,
    purity: orNull(purity(classes, families)),
    entropy: nats,
    entropy_bits: nats === null ? null : nats / Math.LN2,
    normalized_mutual_info: classes.length === 0 ? null : normalizedMutualInfo(classes, families),
    adjusted_rand: classes.length === 0 ? null : adjustedRand(classes, families),
  };
}

/** By family id; families without a labelled member are absent. */
export function agreementByFamily(run: CollectedRun): ReadonlyMap<number, FamilyAgreement> {
  const { names, classes, families } = labelled(run);
  return new Map(
    clusterCompositions(classes, families).map((part) => [
      part.cluster,
      {
        purity: part.purity,
        entropy: part.entropyNats,
        majorityLabel: names[part.majority] ?? '',
      },
    ]),
  );
}

export function noiseFraction({ glitches }: CollectedRun): number {
  const noise = glitches.filter(({ assignment }) => assignment.familyId < 0).length;
  return glitches.length === 0 ? 0 : noise / glitches.length;
}
