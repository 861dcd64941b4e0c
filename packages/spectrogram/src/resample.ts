import {
  assertGrid,
  assertShape,
  FREQUENCY_RANGE_HZ,
  type GridShape,
  MESSAGE_GRID,
  rowAtFrequency,
  type SpectrogramGrid,
} from './grid.js';
import { bytesAt, kernels, layOut, WORK_AT } from './kernels.js';

/**
 * A grid of any resolution as the 128 x 128 grid that travels in messages:
 * each new cell is the mean energy of the area it covers, rounded to a level.
 * A grid drawn over another frequency range is brought to 10 to 2048 Hz; rows
 * it does not reach repeat its nearest row.
 */
export function toMessageGrid(grid: SpectrogramGrid): SpectrogramGrid {
  return boxResample(grid, MESSAGE_GRID);
}

/** As `toMessageGrid`, to any shape. A grid that has the shape already is returned as it is. */
export function boxResample(grid: SpectrogramGrid, shape: GridShape): SpectrogramGrid {
  assertGrid(grid);
  assertShape(shape);
  const { nFrequency, nTime } = shape;
  if (grid.nFrequency === nFrequency && grid.nTime === nTime && !grid.frequencyRangeHz) return grid;
  const rows = boxes(grid.nFrequency, nFrequency, (i) => canonicalRowEdge(i / nFrequency, grid));
  const columns = boxes(grid.nTime, nTime, (i) => (i * grid.nTime) / nTime);
  const lineBytes = 8 * (grid.nTime + 4);
  const [source = 0, rowsAt = 0, columnsAt = 0, line = 0, out = 0] = layOut(
    WORK_AT,
    grid.data.length,
    rows.length,
    columns.length,
    lineBytes,
    nFrequency * nTime,
  );
  bytesAt(source, grid.data.length).set(grid.data);
  bytesAt(rowsAt, rows.length).set(rows);
  bytesAt(columnsAt, columns.length).set(columns);
  kernels().boxMeans(source, grid.nTime, rowsAt, nFrequency, columnsAt, nTime, line, out);
  return { nFrequency, nTime, data: bytesAt(out, nFrequency * nTime).slice() };
}

/** Source row coordinate of the fraction `t` (0 top, 1 bottom) of the 10 to 2048 Hz axis. */
function canonicalRowEdge(t: number, grid: SpectrogramGrid): number {
  if (!grid.frequencyRangeHz) return t * grid.nFrequency;
  const { low, high } = FREQUENCY_RANGE_HZ;
  return rowAtFrequency(high * (low / high) ** t, grid);
}

/** Bytes of a box as `boxMeans` reads it. */
const BOX_BYTES = 32;

/**
 * Cuts `n` source cells into `m` boxes whose edges lie at `edge(0..m)`: first and last cell
 * of each and the shares of the first, the inner and the last, which add up to 1.
 */
function boxes(n: number, m: number, edge: (i: number) => number): Uint8Array {
  const bytes = new Uint8Array(BOX_BYTES * m);
  const cells = new Uint32Array(bytes.buffer);
  const weights = new Float64Array(bytes.buffer);
  for (let i = 0; i < m; i++) {
    const a = Math.min(n, Math.max(0, edge(i)));
    const b = Math.min(n, Math.max(0, edge(i + 1)));
    const length = b - a;
    const lo = Math.min(n - 1, Math.floor(a));
    // The ceiling less a hair: an edge that rounding put just past a cell's
    // border must not draw in the next cell with a share of nothing.
    const hi = Math.max(lo, Math.min(n - 1, Math.ceil(b - 1e-9) - 1));
    const isOneCell = length < 1e-9 || hi === lo;
    cells[8 * i] = lo;
    cells[8 * i + 1] = hi;
    weights[4 * i + 1] = isOneCell ? 1 : (lo + 1 - a) / length;
    weights[4 * i + 2] = isOneCell ? 0 : 1 / length;
    weights[4 * i + 3] = isOneCell ? 0 : (b - hi) / length;
  }
  return bytes;
}
