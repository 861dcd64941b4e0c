const DIRECTIONS = 180;

/** Median distance between a row's two places; `pairs` name its row in either map. */
export function medianMove(
  before: Float32Array,
  after: Float32Array,
  pairs: readonly (readonly [number, number])[],
): number {
  const moves = Float64Array.from(pairs, ([then, now]) =>
    Math.hypot(after[2 * now]! - before[2 * then]!, after[2 * now + 1]! - before[2 * then + 1]!),
  ).sort();
  return moves[moves.length >> 1] ?? Number.NaN;
}

/** The greatest distance between two places of a map (n x 2), to a ten-thousandth: its greatest width. */
export function mapDiameter(layout: Float32Array): number {
  let widest = 0;
  for (let i = 0; i < DIRECTIONS; i++) {
    const [x, y] = [Math.cos((Math.PI * i) / DIRECTIONS), Math.sin((Math.PI * i) / DIRECTIONS)];
    let least = Number.POSITIVE_INFINITY;
    let greatest = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < layout.length; at += 2) {
      const along = x * layout[at]! + y * layout[at + 1]!;
      least = Math.min(least, along);
      greatest = Math.max(greatest, along);
    }
    widest = Math.max(widest, greatest - least);
  }
  return widest;
}
