import type { Pixels } from './axes-box.js';
import type { FrequencyRange, SpectrogramGrid } from './grid.js';
import { assertViridis, FAR, INK, viridisLevel, viridisLevelOfPixel } from './viridis.js';

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
  const { data, channels } = pixels;
  const x0 = covered.left;
  const x1 = widthPx - covered.right - 1;
  const y0 = covered.top;
  const y1 = heightPx - covered.bottom - 1;
  const out = new Uint8Array(widthPx * heightPx);
  const far: number[] = [];
  const ink: number[] = [];
  const put = (cell: number, level: number): void => {
    out[cell] = level;
    if (level & FAR) far.push(cell);
    if (level & INK) ink.push(cell);
  };
  const at = (x: number, y: number): number =>
    ((area.y + y) * pixels.widthPx + area.x + x) * channels;
  const words = pixelWords(pixels);
  for (let y = y0 + 1; y < y1; y++) {
    let from = at(x0 + 1, y);
    let cell = y * widthPx + x0 + 1;
    const end = y * widthPx + x1;
    if (words === undefined) {
      for (; cell < end; cell++, from += channels) {
        put(cell, viridisLevel(data[from]!, data[from + 1]!, data[from + 2]!));
      }
      continue;
    }
    for (from >>= 2; cell < end; cell++, from++) {
      const level = viridisLevelOfPixel(words[from]!);
      out[cell] = level;
      if (level > 255) put(cell, level);
    }
  }
  const putEdge = (x: number, y: number): void => {
    const beside = x === x0 ? softness.left : x === x1 ? softness.right : 0;
    const above = y === y0 ? softness.top : y === y1 ? softness.bottom : 0;
    const light = (1 - beside) * (1 - above);
    const [r, g, b] = [0, 1, 2].map((i) => Math.min(255, Math.round(data[at(x, y) + i]! / light)));
    put(y * widthPx + x, viridisLevel(r!, g!, b!));
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

const IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** Four channels read as one number, which takes a third of the time; undefined where they cannot be. */
function pixelWords({ data, channels }: Pixels): Int32Array | undefined {
  if (channels !== 4 || data.byteOffset % 4 !== 0 || !IS_LITTLE_ENDIAN) return undefined;
  return new Int32Array(data.buffer, data.byteOffset, data.byteLength >> 2);
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
