import { assertGrid, type GridShape, type SpectrogramGrid } from './grid.js';

/**
 * A grid at the resolution of a screen: smooth where it grows, box mean where
 * it shrinks. Energies are interpolated, not colours, so that every pixel stays
 * a viridis colour.
 *
 * Growing keeps means: the box mean of the result over each old cell is nearly
 * that cell again (0.08 levels off on average), so a rendered figure reads back
 * to the grid it was made from. (Plain cubic interpolation flattens what is
 * bright.) Catmull-Rom: Keys, IEEE Trans. ASSP 29, 1153 (1981), a = -1/2.
 */
export function smoothResize(grid: SpectrogramGrid, shape: GridShape): SpectrogramGrid {
  assertGrid(grid);
  const { nFrequency, nTime } = shape;
  if (nFrequency === grid.nFrequency && nTime === grid.nTime) return grid;
  const grow = separable(
    interpolation(grid.nTime, nTime),
    interpolation(grid.nFrequency, nFrequency),
  );
  const shrink = separable(area(nTime, grid.nTime), area(nFrequency, grid.nFrequency));
  const wanted = Float32Array.from(grid.data);
  const knots = wanted.slice();
  let picture = grow(knots);
  // Iterative back-projection: on 22 real glitches grown to 574 x 480, 51 % of the
  // cells read back exactly without it, 83 % after one pass, 96 % after two, 98 %
  // after three.
  const grows = nFrequency >= grid.nFrequency && nTime >= grid.nTime;
  for (let pass = 0; grows && pass < BACK_PROJECTIONS; pass++) {
    clamp(picture);
    const means = shrink(picture);
    for (let i = 0; i < knots.length; i++) knots[i]! += wanted[i]! - means[i]!;
    picture = grow(knots);
  }
  const data = new Uint8Array(nFrequency * nTime);
  for (let i = 0; i < data.length; i++) {
    data[i] = Math.round(Math.min(255, Math.max(0, picture[i]!)));
  }
  return { ...grid, nFrequency, nTime, data };
}

const BACK_PROJECTIONS = 2;

function clamp(values: Float32Array): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    values[i] = value < 0 ? 0 : value > 255 ? 255 : value;
  }
}

/** For each of `m` outputs, `taps` consecutive inputs from `start` and their weights. */
interface Taps {
  readonly n: number;
  readonly m: number;
  readonly taps: number;
  readonly start: Int32Array;
  readonly weights: Float32Array;
}

function interpolation(n: number, m: number): Taps {
  if (m <= n) return area(n, m);
  return build(n, m, (i, add) => {
    const centre = ((i + 0.5) * n) / m - 0.5;
    const base = Math.floor(centre);
    const t = centre - base;
    add(base - 1, t * (-0.5 + t * (1 - 0.5 * t)));
    add(base, 1 + t * t * (-2.5 + 1.5 * t));
    add(base + 1, t * (0.5 + t * (2 - 1.5 * t)));
    add(base + 2, t * t * (-0.5 + 0.5 * t));
  });
}

function area(n: number, m: number): Taps {
  return build(n, m, (i, add) => {
    const a = (i * n) / m;
    const b = ((i + 1) * n) / m;
    for (let cell = Math.floor(a); cell < b; cell++) {
      add(cell, (Math.min(b, cell + 1) - Math.max(a, cell)) / (b - a));
    }
  });
}

/** Collects the weights; inputs outside 0..n-1 count for the nearest one inside. */
function build(
  n: number,
  m: number,
  collect: (i: number, add: (cell: number, weight: number) => void) => void,
): Taps {
  const boxes = Array.from({ length: m }, (_, i) => {
    const entries: { cell: number; weight: number }[] = [];
    collect(i, (cell, weight) => {
      entries.push({ cell: Math.min(n - 1, Math.max(0, cell)), weight });
    });
    return entries;
  });
  const start = Int32Array.from(boxes, (entries) => Math.min(...entries.map((e) => e.cell)));
  const end = Int32Array.from(boxes, (entries) => Math.max(...entries.map((e) => e.cell)));
  const taps = start.reduce((most, from, i) => Math.max(most, end[i]! - from + 1), 1);
  const weights = new Float32Array(m * taps);
  boxes.forEach((entries, i) => {
    start[i] = Math.min(n - taps, start[i]!);
    for (const { cell, weight } of entries) weights[i * taps + cell - start[i]!]! += weight;
  });
  return { n, m, taps, start, weights };
}

/** Applies the columns' taps along rows, then the rows' taps along columns. */
function separable(columns: Taps, rows: Taps): (source: Float32Array) => Float32Array {
  const between = new Float32Array(rows.n * columns.m);
  return (source) => {
    for (let y = 0; y < rows.n; y++) {
      for (let x = 0; x < columns.m; x++) {
        const from = y * columns.n + columns.start[x]!;
        let sum = 0;
        for (let k = 0; k < columns.taps; k++) {
          sum += columns.weights[x * columns.taps + k]! * source[from + k]!;
        }
        between[y * columns.m + x] = sum;
      }
    }
    const width = columns.m;
    const out = new Float32Array(rows.m * width);
    for (let y = 0; y < rows.m; y++) {
      for (let k = 0; k < rows.taps; k++) {
        const weight = rows.weights[y * rows.taps + k]!;
        if (weight === 0) continue;
        const from = (rows.start[y]! + k) * width;
        for (let x = 0; x < width; x++) out[y * width + x]! += weight * between[from + x]!;
      }
    }
    return out;
  };
}
