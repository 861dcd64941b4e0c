import { describe, expect, it } from 'vitest';
import { meanUnitVector } from './unit-vector.js';

function check(rows: number[][], expected: number[] | undefined): void {
  const unit = meanUnitVector(rows.map((row) => Float32Array.from(row)));
  expect(unit && Array.from(unit)).toEqual(expected?.map(Math.fround));
}

describe('meanUnitVector', () => {
  it('scales one row to length 1', () => check([[3, 0, -4]], [0.6, 0, -0.8]));
  it('takes the mean of rows before scaling', () =>
    check(
      [
        [1, 0],
        [0, 1],
        [2, 2],
      ],
      [Math.SQRT1_2, Math.SQRT1_2],
    ));
  it('keeps values whose squares leave float32', () =>
    check([[1e-30, 1e-30]], [Math.SQRT1_2, Math.SQRT1_2]));
  it('keeps values whose squares overflow float32', () =>
    check([[3 * 2 ** 100, 4 * 2 ** 100]], [0.6, 0.8]));
  it('refuses NaN', () => check([[1, Number.NaN]], undefined));
  it('refuses infinity', () => check([[1, Number.POSITIVE_INFINITY]], undefined));
  it('refuses opposite infinities', () =>
    check([[Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY]], undefined));
  it('refuses a zero vector', () => check([[0, 0]], undefined));
  it('refuses rows that cancel', () =>
    check(
      [
        [1, -2],
        [-1, 2],
      ],
      undefined,
    ));
  it('accumulates in float64', () => {
    // In float32 the small elements vanish beside the large one.
    const row = new Float32Array(2048).fill(2 ** -13);
    row[0] = 1;
    const unit = meanUnitVector([row]);
    expect(unit?.[0]).toBe(Math.fround(1 / Math.sqrt(1 + 2047 * 2 ** -26)));
  });
});
