import { createRng } from '@glitchwatch/numerics';

/** Row-major values of normal points around three centres, in turn; seeded. */
export function threeKinds(rows: number, cols: number): number[] {
  const rng = createRng(3);
  return Array.from(
    { length: rows * cols },
    (_, p) => 9 * (Math.floor(p / cols) % 3) + rng.nextNormal(),
  );
}
