import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KernelBench } from './kernel-bench.js';
import { gram, multiplyRows, projectRow, unitRow } from './kernel-twins/rows.js';

const value = fc.integer({ min: -1000, max: 1000 }).map((x) => x / 256);
const matrix = (rows: number, cols: number) =>
  fc.array(fc.array(value, { minLength: cols, maxLength: cols }), {
    minLength: rows,
    maxLength: rows,
  });

function expectNear(found: Iterable<number>, expected: readonly number[], tolerance: number): void {
  const values = [...found];
  expect(values).toHaveLength(expected.length);
  const worst = Math.max(0, ...values.map((x, i) => Math.abs(x - expected[i]!)));
  expect(worst).toBeLessThanOrEqual(tolerance);
}

describe('kernels that make rows ready', () => {
  it('unitRows scales to length 1 and counts rows without one', () => {
    fc.assert(
      fc.property(matrix(5, 16), (rows) => {
        const bench = new KernelBench();
        const at = bench.float32([...rows.flat(), ...new Array(16).fill(0), Number.NaN, 1]);
        const refused = bench.uint32([0]);
        bench.kernels.unitRows(at, 16, refused, 1, 6);
        const zero = rows.slice(1).filter((row) => row.every((x) => x === 0)).length;
        expect(bench.arena.uint32(refused, 1)[0]).toBe(1 + zero);
        const expected = rows.map((row, i) =>
          i === 0 || row.every((x) => x === 0) ? row : unitRow(row),
        );
        expectNear(bench.arena.float32(at, 80), expected.flat(), 1e-6);
      }),
      { numRuns: 30, seed: 1 },
    );
  });

  it('multiplyRows multiplies any range, whole tiles or not', () => {
    const ranges = fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 }));
    fc.assert(
      fc.property(matrix(7, 8), matrix(8, 16), ranges, (rows, basis, [a, b]) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const bench = new KernelBench();
        const out = bench.float32(new Array(7 * 16).fill(0));
        const args = [bench.float32(rows.flat()), 8, bench.float32(basis.flat()), 16, out];
        bench.kernels.multiplyRows(...args, from, to);
        const expected = multiplyRows(rows, basis).map((row, i) =>
          i >= from && i < to ? row : row.map(() => 0),
        );
        expectNear(bench.arena.float32(out, 7 * 16), expected.flat(), 1e-4);
      }),
      { numRuns: 30, seed: 2 },
    );
  });

  it('covarianceRows adds up the upper triangle of the Gram matrix', () => {
    fc.assert(
      fc.property(matrix(12, 8), (sample) => {
        const bench = new KernelBench();
        const out = bench.float32(new Array(64).fill(0));
        for (const from of [0, 4]) {
          bench.kernels.covarianceRows(bench.float32(sample.flat()), 12, 8, out, from);
        }
        const upper = (values: ArrayLike<number>) =>
          Array.from(values).filter((_, p) => p % 8 >= Math.floor(p / 8));
        expectNear(upper(bench.arena.float32(out, 64)), upper(gram(sample).flat()), 1e-3);
      }),
      { numRuns: 30, seed: 3 },
    );
  });

  it('projectRows rounds centred coordinates and keeps the whole centred length', () => {
    fc.assert(
      fc.property(matrix(6, 8), matrix(1, 8), (rows, [mean = []]) => {
        const bench = new KernelBench();
        const unit = rows.map((row) => unitRow(row.map((x, c) => x + (c === 0 ? 5 : 0))));
        // Any eight directions will do: here the first eight of the space itself.
        const basis = Array.from({ length: 8 }, (_, d) =>
          Array.from({ length: 8 }, (_, c) => (c === d ? 1 : 0)),
        );
        const centre = mean.map((x) => x / 16);
        const quantised = bench.int16(new Array(48).fill(0));
        const norms = bench.float32(new Array(6).fill(0));
        bench.kernels.projectRows(
          bench.float32(unit.flat()),
          8,
          bench.float32(basis.flat()),
          8,
          bench.float32(centre),
          centre.reduce((sum, x) => sum + x * x, 0),
          bench.float32(centre),
          1000,
          quantised,
          norms,
          1,
          6,
          bench.float32(new Array(48).fill(0)),
        );
        const expected = unit.slice(1).map((row) => projectRow(row, basis, centre, 1000));
        const q = bench.arena.int16(quantised, 48);
        expect([...q.subarray(0, 8)]).toEqual(new Array(8).fill(0));
        expectNear(
          q.subarray(8),
          expected.flatMap(({ scaled }) => scaled),
          0.501,
        );
        expectNear(
          bench.arena.float32(norms, 6).subarray(1),
          expected.map(({ norm }) => norm),
          1e-5,
        );
      }),
      { numRuns: 30, seed: 4 },
    );
  });
});
