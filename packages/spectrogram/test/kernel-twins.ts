/** Plain twins of the kernels in assembly/: what they compute, without how. */

/** See assembly/unfilter-rows.ts; undefined for an unknown filter. */
export function unfilter(rows: readonly (readonly number[])[]): number[][] | undefined {
  const done: number[][] = [];
  for (const [filter, ...bytes] of rows) {
    const above = done.at(-1);
    const row: number[] = [];
    for (const [i, byte] of bytes.entries()) {
      const a = row[i - 4] ?? 0;
      const b = above?.[i] ?? 0;
      const c = i < 4 ? 0 : (above?.[i - 4] ?? 0);
      const predicted = [0, a, b, Math.floor((a + b) / 2), paeth(a, b, c)][filter ?? -1];
      if (predicted === undefined) return undefined;
      row.push((byte + predicted) & 255);
    }
    done.push(row);
  }
  return done;
}

/** PNG specification, second edition, 9.4. */
function paeth(a: number, b: number, c: number): number {
  const p = a + b - c;
  const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
  if (pa <= pb && pa <= pc) return a;
  return pb <= pc ? b : c;
}

/**
 * See assembly/box-means.ts: the rows cut into p boxes, the columns into m, by the same steps
 * in the same order.
 */
export function boxMeans(source: readonly (readonly number[])[], p: number, m: number): number[][] {
  const width = source[0]!.length;
  return Array.from({ length: p }, (_, i) => {
    const line = new Array<number>(width).fill(0);
    for (const [y, weight] of shares(
      source.length,
      [i / p, (i + 1) / p].map((t) => t * source.length),
    )) {
      source[y]!.forEach((value, x) => {
        line[x]! += weight * value;
      });
    }
    return Array.from({ length: m }, (_, j) => {
      let sum = 0;
      for (const [x, weight] of shares(width, [(j * width) / m, ((j + 1) * width) / m]))
        sum += weight * line[x]!;
      return Math.round(sum);
    });
  });
}

/** Cells of n that lie between two edges, and their shares of the whole. */
function shares(n: number, [a = 0, b = 0]: readonly number[]): (readonly [number, number])[] {
  const first = Math.min(n - 1, Math.floor(a));
  const last = Math.max(first, Math.min(n - 1, Math.ceil(b - 1e-9) - 1));
  if (first === last) return [[first, 1]];
  return Array.from({ length: last - first + 1 }, (_, k) => {
    if (k === 0) return [first, (first + 1 - a) / (b - a)] as const;
    return [first + k, first + k === last ? (b - last) / (b - a) : 1 / (b - a)] as const;
  });
}
