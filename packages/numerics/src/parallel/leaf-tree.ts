import type { Round } from './work.js';

/** Rows of a leaf of the first fit: every leaf but the last holds exactly this many. */
export const LEAF_ROWS = 256;
export const LEAF_SHIFT = 8;
/** Rows of a leaf of rows that came later: fewer, or they would lie too far apart. */
export const LATE_LEAF_ROWS = 64;

/**
 * The splits that part n rows into leaves of `leafRows`, level by level: half the leaves
 * to each side, so that every leaf but the last is full.
 *
 * @param common arguments of splitRange before the range, see assembly/split-range.ts.
 */
export function splitRounds(
  n: number,
  leafRows: number,
  common: readonly number[],
  scratch: NonNullable<Round['scratch']>,
): Round[] {
  const rounds: Round[] = [];
  let open: { readonly first: number; readonly leaves: number }[] = [
    { first: 0, leaves: Math.ceil(n / leafRows) },
  ];
  while (open.length > 0) {
    const varying: number[] = [];
    const below: typeof open = [];
    for (const { first, leaves } of open) {
      if (leaves < 2) continue;
      const left = leaves >> 1;
      const from = first * leafRows;
      varying.push(from, Math.min(n, (first + leaves) * leafRows), left * leafRows);
      below.push({ first, leaves: left }, { first: first + left, leaves: leaves - left });
    }
    if (varying.length > 0) {
      const calls = Float64Array.from(varying);
      rounds.push({ kernel: 'splitRange', common, varying: calls, perCall: 3, scratch });
    }
    open = below;
  }
  return rounds;
}
