import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMatrix, type Matrix } from '../matrix.js';
import { createRng, type Rng } from '../rng.js';
import { twoSampleTest } from './two-sample.js';

function normalRows(rng: Rng, rows: number, cols: number, shift = 0): Matrix {
  const data = Float32Array.from({ length: rows * cols }, () => rng.nextNormal() + shift);
  return createMatrix(rows, cols, data);
}

const matrix = (...rows: number[][]): Matrix =>
  createMatrix(rows.length, rows[0]?.length ?? 0, Float32Array.from(rows.flat()));

/** The definition, term by term. */
function mmd2ByDefinition(x: Matrix, y: Matrix, bandwidth: number): number {
  const k = (a: Matrix, i: number, b: Matrix, j: number): number => {
    let sum = 0;
    for (let c = 0; c < a.cols; c++)
      sum += (a.data[i * a.cols + c]! - b.data[j * b.cols + c]!) ** 2;
    return Math.exp(-sum / (2 * bandwidth ** 2));
  };
  const mean = (a: Matrix, b: Matrix, isSame: boolean): number => {
    let sum = 0;
    for (let i = 0; i < a.rows; i++)
      for (let j = 0; j < b.rows; j++) if (!isSame || i !== j) sum += k(a, i, b, j);
    return sum / (isSame ? a.rows * (a.rows - 1) : a.rows * b.rows);
  };
  return mean(x, x, true) + mean(y, y, true) - 2 * mean(x, y, false);
}

describe('twoSampleTest', () => {
  it('is the definition, whatever the samples', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 2, max: 9 }),
        fc.integer({ min: 2, max: 9 }),
        (seed, m, n) => {
          const rng = createRng(seed);
          const [x, y] = [normalRows(rng, m, 3), normalRows(rng, n, 3, 0.5)];
          const test = twoSampleTest(x, y, { seed, permutations: 3 });
          expect(test.mmd2).toBeCloseTo(mmd2ByDefinition(x, y, test.bandwidth), 12);
          expect(test.witness).toHaveLength(n);
        },
      ),
      { seed: 31, numRuns: 60 },
    );
  });

  it('by hand: three pairs of which the middle distance is the bandwidth', () => {
    const test = twoSampleTest(matrix([0], [1]), matrix([3], [4]), { seed: 1, permutations: 50 });
    // Distances 1, 1, 2, 3, 3, 4: the upper median.
    expect(test.bandwidth).toBe(3);
    const k = (d: number): number => Math.exp((-d * d) / 18);
    expect(test.mmd2).toBeCloseTo(2 * k(1) - (k(3) + k(4) + k(2) + k(3)) / 2, 12);
  });

  it('is wrong as often as its level says, and no more', () => {
    const rng = createRng(7);
    const runs = 400;
    let below = 0;
    for (let run = 0; run < runs; run++) {
      const [x, y] = [normalRows(rng, 20, 4), normalRows(rng, 20, 4)];
      if (twoSampleTest(x, y, { seed: run, permutations: 199 }).pValue <= 0.05) below++;
    }
    // 20 expected; four standard deviations of it are 17.
    expect(below).toBeLessThan(37);
    expect(below).toBeGreaterThan(3);
  });

  it('sees a shift, a change of spread and a new cluster, and names the rows that differ', () => {
    const rng = createRng(8);
    const same = normalRows(rng, 60, 8);
    const spread = normalRows(rng, 60, 8);
    spread.data.forEach((value, i) => {
      spread.data[i] = 2 * value;
    });
    const cluster = normalRows(rng, 60, 8);
    for (let i = 0; i < 15 * 8; i++) cluster.data[i]! += 4;
    for (const other of [normalRows(rng, 60, 8, 0.7), spread, cluster])
      expect(twoSampleTest(same, other, { seed: 2, permutations: 999 }).pValue).toBe(0.001);
    const { witness } = twoSampleTest(same, cluster, { seed: 2, permutations: 1 });
    const newest = [...witness.keys()].sort((a, b) => witness[b]! - witness[a]!).slice(0, 15);
    expect(Math.max(...newest)).toBeLessThan(15);
  });

  it('gives a defined answer for rows that are all equal, and the same one for a seed', () => {
    const equal = matrix([1, 2], [1, 2], [1, 2]);
    const test = twoSampleTest(equal, equal, { seed: 1 });
    expect(test).toMatchObject({ bandwidth: 1, pValue: 1 });
    expect(test.mmd2).toBeCloseTo(0, 12);
    const rng = createRng(9);
    const [x, y] = [normalRows(rng, 10, 3), normalRows(rng, 12, 3)];
    const again = (seed: number) => twoSampleTest(x, y, { seed }).pValue;
    expect(again(5)).toBe(again(5));
  });

  it('says what is wrong', () => {
    const x = matrix([1, 2], [3, 4]);
    expect(() => twoSampleTest(x, matrix([1], [2]), { seed: 1 })).toThrow(/2 columns .* found 1/);
    expect(() => twoSampleTest(x, matrix([1, 2]), { seed: 1 })).toThrow(/at least 2 rows, found 1/);
    expect(() => twoSampleTest(x, matrix([1, 2], [Number.NaN, 2]), { seed: 1 })).toThrow(/recent/);
    expect(() => twoSampleTest(x, x, { seed: 1, permutations: 0 })).toThrow(/permutations/);
  });
});
