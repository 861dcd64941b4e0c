import { createRng } from '@glitchwatch/numerics';

/**
 * The fold of each glitch, 0 ... nFolds - 1. Each label is dealt out evenly, in an order
 * drawn from the seed; where one deal ends the next begins, so folds are of one size.
 */
export function dealFolds(labels: readonly string[], nFolds: number, seed: number): Int32Array {
  const rng = createRng(seed);
  const byLabel = new Map<string, number[]>();
  labels.forEach((label, i) => {
    byLabel.set(label, [...(byLabel.get(label) ?? []), i]);
  });
  const folds = new Int32Array(labels.length);
  let dealt = 0;
  for (const label of [...byLabel.keys()].sort()) {
    const members = byLabel.get(label) ?? [];
    for (let i = members.length - 1; i > 0; i--) {
      const j = rng.nextInt(i + 1);
      [members[i], members[j]] = [members[j]!, members[i]!];
    }
    for (const member of members) folds[member] = dealt++ % nFolds;
  }
  return folds;
}
