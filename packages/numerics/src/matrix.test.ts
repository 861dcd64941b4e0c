import { describe, expect, it } from 'vitest';
import { NumericsError } from './errors.js';
import { assertFinite, createMatrix, matrixFromRows } from './matrix.js';

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof NumericsError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'no error';
}

describe('matrix', () => {
  it('copies rows', () => {
    const matrix = matrixFromRows([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect([matrix.rows, matrix.cols, ...matrix.data]).toEqual([3, 2, 1, 2, 3, 4, 5, 6]);
    expect(matrixFromRows([]).rows).toBe(0);
  });

  it('refuses ragged rows and wrong sizes', () => {
    expect(codeOf(() => matrixFromRows([[1, 2], [3]]))).toMatch(/^bad_shape: row 1 has 1 columns/);
    expect(codeOf(() => createMatrix(2, 3, new Float32Array(5)))).toMatch(
      /needs 6 values, found 5/,
    );
    expect(codeOf(() => createMatrix(-1, 0, new Float32Array(0)))).toMatch(/^bad_shape/);
  });

  it('names row and column of what is not finite', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const matrix = createMatrix(3, 2, Float32Array.of(1, 2, 3, bad, 5, 6));
      expect(codeOf(() => assertFinite(matrix, 'points'))).toBe(
        `not_finite: points: row 1, column 1: expected a finite number, found ${bad}`,
      );
    }
  });
});
