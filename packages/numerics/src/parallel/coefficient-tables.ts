import type { CurveParams } from '../umap/curve.js';

/** As in assembly/descend-epoch.ts: 64 cells from one power of two to the next, from 2^-24 on. */
export const CELLS = 2560;
const SHIFT = 17;
const FIRST = (127 - 24) << 6;

/**
 * Attraction and repulsion of the layout's descent by the squared distance (McInnes et al.
 * 2018, section 3.2), 2 x CELLS, each at the middle of its cell: within 2 % at worst,
 * where the descent's own draws vary by far more. A look-up takes half the time of powers.
 *
 *   attract = -2 a b d^(2b - 2) / (1 + a d^2b),   repel = 2 gamma b / ((0.001 + d^2) (1 + a d^2b))
 */
export function coefficientTables({ a, b }: CurveParams, gamma: number): Float32Array {
  const tables = new Float32Array(2 * CELLS);
  const bits = new Int32Array(1);
  const float = new Float32Array(bits.buffer);
  for (let cell = 0; cell < CELLS; cell++) {
    bits[0] = ((cell + FIRST) << SHIFT) | (1 << (SHIFT - 1));
    const squared = float[0]!;
    const power = squared ** b;
    tables[cell] = (-2 * a * b * power) / (squared * (1 + a * power));
    tables[CELLS + cell] = (2 * gamma * b) / ((0.001 + squared) * (1 + a * power));
  }
  return tables;
}
