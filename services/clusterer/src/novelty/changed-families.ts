import type { ActiveModel } from '../active-model.js';

/** A share of the reference that differs by more is another family under the old name. */
const SAME_WITHIN = 1.25;

/** Families whose extent the new model sees so differently that their rate says nothing any more. */
export function changedFamilies(before: ActiveModel | undefined, now: ActiveModel): number[] {
  if (before === undefined) return [];
  const old = shares(before);
  const changed: number[] = [];
  for (const [familyId, share] of shares(now)) {
    const ratio = share / (old.get(familyId) ?? 0);
    if (ratio > SAME_WITHIN || ratio < 1 / SAME_WITHIN) changed.push(familyId);
  }
  return changed;
}

function shares({ fit }: ActiveModel): Map<number, number> {
  return new Map(
    fit.families.map(({ familyId, memberRows }) => [
      familyId,
      memberRows.length / fit.glitchIds.length,
    ]),
  );
}
