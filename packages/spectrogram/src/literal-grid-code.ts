import { bytesAt, kernels, layOut, WORK_AT } from './kernels.js';

/** What the kernels may read behind a code, and what they need beside it: see assembly/. */
const BEHIND_CODE = 1024;
const CODE_SCRATCH = 5120;
/** More than the tables of a block take. */
const TABLES = 1024;
/** Larger grids would grow the kernels' memory for good; a message's has 16,384. */
const MAX_CELLS = 1 << 20;

/**
 * Levels of a grid code of the one kind that `encodeGrid` writes, DEFLATE without matches,
 * in half the time that zlib and a plain loop take (docs/benchmarks.md). undefined
 * for every other code and for any damage: that is for zlib to read or to refuse.
 */
export function decodeLiteralGrid(
  code: Uint8Array,
  nFrequency: number,
  nTime: number,
): Uint8Array<ArrayBuffer> | undefined {
  const count = nFrequency * nTime;
  const residuals = unpack(code, count, 16 * nTime + 32);
  if (residuals === undefined) return undefined;
  const [scratch = 0, levels = 0] = layOut(residuals.end, 512 + 16 * (nTime + 48), count);
  kernels().addPredictions(residuals.at, nFrequency, nTime, scratch, levels);
  return bytesAt(levels, count).slice();
}

/** Whether `decodeLiteralGrid` would give `count` levels. */
export function isLiteralGrid(code: Uint8Array, count: number): boolean {
  return unpack(code, count, 16) !== undefined;
}

/** Residuals in the kernels' memory, with `room` bytes behind them. */
function unpack(
  code: Uint8Array,
  count: number,
  room: number,
): { readonly at: number; readonly end: number } | undefined {
  // A literal takes at most 15 bits; what is longer than that says something else.
  if (count > MAX_CELLS || code.length > 2 * count + TABLES) return undefined;
  const codeRoom = code.length + BEHIND_CODE;
  const [from = 0, scratch = 0, at = 0] = layOut(WORK_AT, codeRoom, CODE_SCRATCH, count + room);
  bytesAt(from, code.length).set(code);
  const isSound = kernels().unpackLiterals(from, code.length, scratch, at, count) === 1;
  return isSound ? { at, end: at + count + room } : undefined;
}
