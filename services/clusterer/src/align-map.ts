/** Fewer rows do not tell a turn from a mirror image. */
const LEAST_KNOWN = 3;

/**
 * Turns, mirrors and moves a map (n x 2, in place) onto where its rows were before
 * (n x 2, NaN for those that were nowhere): least squares over the rows that were
 * somewhere, without a change of scale (Schönemann 1966, in the plane).
 */
export function alignMap(layout: Float32Array, before: Float32Array): void {
  const rows = knownRows(before);
  if (rows.length < LEAST_KNOWN) return;
  const [fromX, fromY] = centreOf(layout, rows);
  const [toX, toY] = centreOf(before, rows);
  let [xx, xy, yx, yy] = [0, 0, 0, 0];
  for (const row of rows) {
    const x = layout[2 * row]! - fromX;
    const y = layout[2 * row + 1]! - fromY;
    const u = before[2 * row]! - toX;
    const v = before[2 * row + 1]! - toY;
    xx += x * u;
    xy += x * v;
    yx += y * u;
    yy += y * v;
  }
  // The best turn gains the length of the first pair, the best turn of the mirror image
  // that of the second.
  const turned = [xx + yy, xy - yx] as const;
  const mirrored = [xx - yy, xy + yx] as const;
  const isMirrored = Math.hypot(...mirrored) > Math.hypot(...turned);
  const [along, across] = isMirrored ? mirrored : turned;
  const length = Math.hypot(along, across);
  const [cos, sin] = length > 0 ? [along / length, across / length] : [1, 0];
  const flip = isMirrored ? -1 : 1;
  for (let row = 0; row < layout.length / 2; row++) {
    const x = layout[2 * row]! - fromX;
    const y = flip * (layout[2 * row + 1]! - fromY);
    layout[2 * row] = toX + cos * x - sin * y;
    layout[2 * row + 1] = toY + sin * x + cos * y;
  }
}

function knownRows(before: Float32Array): number[] {
  const rows: number[] = [];
  for (let row = 0; row < before.length / 2; row++)
    if (!Number.isNaN(before[2 * row]!)) rows.push(row);
  return rows;
}

function centreOf(layout: Float32Array, rows: readonly number[]): [number, number] {
  let x = 0;
  let y = 0;
  for (const row of rows) {
    x += layout[2 * row]!;
    y += layout[2 * row + 1]!;
  }
  return [x / rows.length, y / rows.length];
}
