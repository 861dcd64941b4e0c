/** Decoded picture: row-major, four bytes a pixel: red, green, blue, alpha. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

/**
 * Where the frame around the plot lies. Each side is a line of one or more
 * black pixels; `outer` is its first pixel from the outside, `inner` its last.
 */
export interface Frame {
  readonly left: FrameLine;
  readonly right: FrameLine;
  readonly top: FrameLine;
  readonly bottom: FrameLine;
}

export interface FrameLine {
  readonly outer: number;
  readonly inner: number;
}

/** Viridis is never darker than 84 in its brightest channel, text and frames are. */
const BLACK = 40;

export function brightest(pixels: Pixels, x: number, y: number): number {
  const at = 4 * (y * pixels.widthPx + x);
  const { data } = pixels;
  return Math.max(data[at]!, data[at + 1]!, data[at + 2]!);
}

/**
 * Finds the black frame of the plot by its shape: the widest rectangle of
 * unbroken black lines that spans at least 0.4 of the picture both ways and
 * contains its middle. Title, tick labels and colour bar are narrower.
 * undefined where there is none.
 */
export function findFrame(pixels: Pixels): Frame | undefined {
  const { widthPx, heightPx } = pixels;
  const probes = [0.3, 0.45, 0.6].map((share) => Math.round(share * widthPx));
  const lines: { y: number; x0: number; x1: number }[] = [];
  for (let y = 0; y < heightPx; y++) {
    if (!probes.every((x) => brightest(pixels, x, y) < BLACK)) continue;
    const x0 = runEnd(pixels, probes[0]!, y, -1);
    const x1 = runEnd(pixels, probes[0]!, y, 1);
    if (x1 - x0 >= 0.4 * widthPx && x1 >= probes[2]!) lines.push({ y, x0, x1 });
  }
  const first = lines[0];
  const last = lines.at(-1);
  if (!first || !last || last.y - first.y < 0.4 * heightPx) return undefined;
  // A tick mark may lengthen a line to the outside, so the shortest line is the frame's.
  const x0 = Math.max(...lines.map((line) => line.x0));
  const x1 = Math.min(...lines.map((line) => line.x1));
  const ys = new Set(lines.map((line) => line.y));
  const top = { outer: first.y, inner: edgeOf(first.y, 1, (y) => ys.has(y)) };
  const bottom = { outer: last.y, inner: edgeOf(last.y, -1, (y) => ys.has(y)) };
  const isBlackColumn = (x: number): boolean =>
    blackShare(pixels, x, top.inner, bottom.inner) > 0.9;
  const left = { outer: x0, inner: edgeOf(x0, 1, isBlackColumn) };
  const right = { outer: x1, inner: edgeOf(x1, -1, isBlackColumn) };
  if (!isBlackColumn(left.outer) || !isBlackColumn(right.outer)) return undefined;
  return { left, right, top, bottom };
}

/** Last black pixel of row y going from x in steps of `step`. */
function runEnd(pixels: Pixels, x: number, y: number, step: 1 | -1): number {
  return edgeOf(
    x,
    step,
    (at) => at >= 0 && at < pixels.widthPx && brightest(pixels, at, y) < BLACK,
  );
}

function edgeOf(from: number, step: 1 | -1, holds: (at: number) => boolean): number {
  let at = from;
  while (holds(at + step)) at += step;
  return at;
}

function blackShare(pixels: Pixels, x: number, y0: number, y1: number): number {
  let black = 0;
  for (let y = y0; y <= y1; y++) if (brightest(pixels, x, y) < BLACK) black++;
  return black / (y1 - y0 + 1);
}
