import { NumericsError } from './errors.js';

/** Dense row-major float32 matrix: element (i, j) is `data[i * cols + j]`. */
export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float32Array;
}

/** As `Matrix`, of either precision; every function that only reads takes this. */
export interface RealMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float32Array | Float64Array;
}

/**
 * Wraps `data` (not copied) as a rows x cols float32 matrix.
 *
 * @throws NumericsError bad_shape when `data.length` is not rows * cols.
 */
export function createMatrix(rows: number, cols: number, data: Float32Array): Matrix {
  const matrix = { rows, cols, data };
  assertShape(matrix, 'matrix');
  return matrix;
}

/**
 * Copies an array of equally long rows into a float32 matrix.
 *
 * @throws NumericsError bad_shape naming the first row of another length.
 */
export function matrixFromRows(rows: readonly ArrayLike<number>[]): Matrix {
  const cols = rows[0]?.length ?? 0;
  const data = new Float32Array(rows.length * cols);
  for (const [i, row] of rows.entries()) {
    if (row.length !== cols) {
      throw new NumericsError(
        'bad_shape',
        `row ${i} has ${row.length} columns, expected ${cols} as in row 0`,
      );
    }
    data.set(row, i * cols);
  }
  return { rows: rows.length, cols, data };
}

/** Throws NumericsError bad_shape unless the sizes are whole and fit the data. */
export function assertShape(matrix: RealMatrix, what: string): void {
  const { rows, cols, data } = matrix;
  if (!Number.isInteger(rows) || !Number.isInteger(cols) || rows < 0 || cols < 0) {
    throw new NumericsError(
      'bad_shape',
      `${what}: sizes must be whole numbers >= 0, found ${rows} x ${cols}`,
    );
  }
  if (data.length !== rows * cols) {
    throw new NumericsError(
      'bad_shape',
      `${what}: ${rows} x ${cols} needs ${rows * cols} values, found ${data.length}`,
    );
  }
}

/** Throws NumericsError not_finite naming the first row and column with NaN or infinity. */
export function assertFinite(matrix: RealMatrix, what: string): void {
  const { cols, data } = matrix;
  for (let p = 0; p < data.length; p++) {
    const value = data[p]!;
    // One subtraction catches NaN and both infinities.
    if (value - value !== 0) {
      throw new NumericsError(
        'not_finite',
        `${what}: row ${Math.floor(p / cols)}, column ${p % cols}: expected a finite number, found ${value}`,
      );
    }
  }
}

/**
 * Throws NumericsError not_finite where the rows lie so far apart that the squares of
 * their distances overflow a float64: then no row is nearer than another.
 */
export function assertDistances(matrix: RealMatrix, what: string): void {
  const { width } = widestColumn(matrix);
  if (width * width * matrix.cols === Number.POSITIVE_INFINITY) {
    throw new NumericsError(
      'not_finite',
      `${what}: expected distances whose squares a float64 holds, found columns as wide as ${width}`,
    );
  }
}

/** The column of greatest range, the first of several, and that range. */
export function widestColumn({ rows, cols, data }: RealMatrix): {
  readonly column: number;
  readonly width: number;
} {
  let widest = { column: 0, width: 0 };
  for (let column = 0; column < cols; column++) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < rows; i++) {
      const value = data[i * cols + column]!;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (high - low > widest.width) widest = { column, width: high - low };
  }
  return widest;
}

/** Shape and finiteness in one call: what every public entry point starts with. */
export function assertPoints(matrix: RealMatrix, what: string): void {
  assertShape(matrix, what);
  assertFinite(matrix, what);
}
