import type { Pixels } from './axes-box.js';
import type { FrequencyRange, SpectrogramGrid } from './grid.js';
import { bytesAt, kernels, layOut, MEMO_AT, placeOf, WORK_AT } from './kernels.js';
import { assertViridis, FAR, INK, viridisLevel } from './viridis.js';

/**
 * The plot inside a picture. Its cells are pixels; `x`, `y` is the pixel of the
 * grid's first cell. `covered` counts the cells at each edge that a frame line
 * hides or that lie outside the picture; they repeat the nearest visible cell.
 */
export interface PlotArea {
  readonly x: number;
  readonly y: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly covered: Edges;
  /**
   * Share of black in the cells next to a frame line, which the line's soft
   * edge darkens; 0 where there is no line.
   */
  readonly softness: Edges;
  /** Asked last, so that a picture in other colours is refused for those. */
  readonly frequencyRange: () => FrequencyRange | undefined;
}

export interface Edges {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Colours to levels, cell by cell. Throws `not_viridis`. */
export function invertPlot(pixels: Pixels, area: PlotArea): SpectrogramGrid {
  const { widthPx, heightPx, covered, softness } = area;
  const x0 = covered.left;
  const x1 = widthPx - covered.right - 1;
  const y0 = covered.top;
  const y1 = heightPx - covered.bottom - 1;
  const { out, far, ink } = levelsInside(pixels, area);
  const putEdge = (x: number, y: number): void => {
    const beside = x === x0 ? softness.left : x === x1 ? softness.right : 0;
    const above = y === y0 ? softness.top : y === y1 ? softness.bottom : 0;
    const light = (1 - beside) * (1 - above);
    const at = pixelAt(pixels, area, x, y);
    const lit = (i: number) => Math.min(255, Math.round(pixels.data[at + i]! / light));
    const level = viridisLevel(lit(0), lit(1), lit(2));
    const cell = y * widthPx + x;
    out[cell] = level;
    if (level & FAR) far.push(cell);
    if (level & INK) ink.push(cell);
  };
  for (let y = y0 + 1; y < y1; y++) {
    putEdge(x0, y);
    putEdge(x1, y);
  }
  for (let x = x0; x <= x1; x++) {
    putEdge(x, y0);
    putEdge(x, y1);
  }
  assertViridis(far.length, (x1 - x0 + 1) * (y1 - y0 + 1));
  repairTicks(out, area, far, ink);
  extendEdges(out, area);
  const frequencyRangeHz = area.frequencyRange();
  const shape = { nFrequency: heightPx, nTime: widthPx, data: out };
  return frequencyRangeHz ? { ...shape, frequencyRangeHz } : shape;
}

/** Index of the first byte of the pixel that is cell (x, y). */
function pixelAt(pixels: Pixels, area: PlotArea, x: number, y: number): number {
  return 4 * ((area.y + y) * pixels.widthPx + area.x + x);
}

interface Levels {
  /** Of the whole plot; what is not inside is still 0. */
  readonly out: Uint8Array;
  /** Cells whose colour is far from viridis, and those of them that are ink. */
  readonly far: number[];
  readonly ink: number[];
}

/** The cells that lie inside the visible ones at the edges. */
function levelsInside(pixels: Pixels, area: PlotArea): Levels {
  const { widthPx, heightPx, covered } = area;
  const [x, y] = [covered.left + 1, covered.top + 1];
  const columns = Math.max(0, widthPx - covered.right - 1 - x);
  const rows = Math.max(0, heightPx - covered.bottom - 1 - y);
  const place = inKernels(pixels);
  const cells = widthPx * heightPx;
  const [levels = 0, marked = 0] = layOut(place + pixels.data.length, cells, 4 * cells);
  const inside = y * widthPx + x;
  bytesAt(levels, cells).fill(0);
  const count = kernels().plotLevels(
    place + pixelAt(pixels, area, x, y),
    4 * pixels.widthPx,
    columns,
    rows,
    levels + inside,
    widthPx,
    MEMO_AT,
    marked,
  );
  const far: number[] = [];
  const ink: number[] = [];
  const { buffer } = bytesAt(marked, 0);
  for (const mark of new Uint32Array(buffer, marked, count)) {
    const cell = inside + (mark & MARKED_CELL);
    far.push(cell);
    if ((mark >>> MARKED_FLAGS) & INK) ink.push(cell);
  }
  return { out: bytesAt(levels, cells).slice(), far, ink };
}

/** A marked cell is a number of 22 bits below the flags of its level, which begin at 0x100. */
const MARKED_CELL = 0x3fffff;
const MARKED_FLAGS = 22;

/** Where the pixels lie in the kernels' memory, brought there if need be. */
function inKernels({ data }: Pixels): number {
  const place = placeOf(data);
  if (place !== undefined) return place;
  const [copy = 0] = layOut(WORK_AT, data.length);
  bytesAt(copy, data.length).set(data);
  return copy;
}

/** Longest tick mark drawn into a plot, pixels. */
const TICK_LENGTH = 9;

/**
 * Tick marks drawn inwards are single rows (columns) of ink at the sides (ends)
 * of the plot, paler at their tips. Each of their cells becomes the mean of its
 * nearest neighbours across the mark.
 */
function repairTicks(
  out: Uint8Array,
  { widthPx, heightPx }: PlotArea,
  far: readonly number[],
  ink: readonly number[],
): void {
  const placeOf = (cell: number) => {
    const x = cell % widthPx;
    const y = (cell - x) / widthPx;
    const fromSide = Math.min(x, widthPx - 1 - x);
    const fromEnd = Math.min(y, heightPx - 1 - y);
    const isSide = fromSide <= fromEnd;
    return { x, y, isSide, isNear: Math.min(fromSide, fromEnd) <= TICK_LENGTH };
  };
  const rows = new Set<number>();
  const columns = new Set<number>();
  for (const cell of ink) {
    const { x, y, isSide, isNear } = placeOf(cell);
    if (isNear) (isSide ? rows : columns).add(isSide ? y : x);
  }
  const marks = new Set(
    far.filter((cell) => {
      const { x, y, isSide, isNear } = placeOf(cell);
      return isNear && (isSide ? rows.has(y) : columns.has(x));
    }),
  );
  for (const cell of marks) {
    const { x, y, isSide } = placeOf(cell);
    const step = isSide ? widthPx : 1;
    const [before, after] = isSide ? [y, heightPx - 1 - y] : [x, widthPx - 1 - x];
    const found = [
      visible(out, marks, cell, -step, before),
      visible(out, marks, cell, step, after),
    ].filter((level) => level !== undefined);
    if (found.length > 0) {
      out[cell] = Math.round(found.reduce((sum, level) => sum + level, 0) / found.length);
    }
  }
}

function visible(
  out: Uint8Array,
  marks: ReadonlySet<number>,
  cell: number,
  step: number,
  reach: number,
): number | undefined {
  for (let i = 1; i <= Math.min(4, reach); i++) {
    const at = cell + i * step;
    if (!marks.has(at)) return out[at]!;
  }
  return undefined;
}

/** Fills the covered cells from the nearest visible ones. */
function extendEdges(out: Uint8Array, { widthPx, heightPx, covered }: PlotArea): void {
  for (let y = covered.top; y < heightPx - covered.bottom; y++) {
    const row = y * widthPx;
    const right = row + widthPx - covered.right;
    out.fill(out[row + covered.left]!, row, row + covered.left);
    out.fill(out[right - 1]!, right, row + widthPx);
  }
  for (let y = 0; y < covered.top; y++) {
    out.copyWithin(y * widthPx, covered.top * widthPx, (covered.top + 1) * widthPx);
  }
  const last = heightPx - covered.bottom - 1;
  for (let y = last + 1; y < heightPx; y++) {
    out.copyWithin(y * widthPx, last * widthPx, (last + 1) * widthPx);
  }
}
