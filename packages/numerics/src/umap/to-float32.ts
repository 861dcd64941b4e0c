import type { Matrix, RealMatrix } from '../matrix.js';
import type { UmapParams } from './options.js';

/** Squares of what is larger, or smaller, by its binary exponent, leave float32. */
const FAR = 32;

/**
 * Points (n x d) as float32 whose squared distances are float32 too: strain is some
 * 1e-21, its square no float32 at all. The layout does not depend on the unit, so what is
 * too large or too small is multiplied by a power of two, exactly: all rows by one, or each
 * by its own where only directions count. Points of ordinary size stay as they are.
 */
export function toFloat32(points: RealMatrix, metric: UmapParams['metric']): Matrix {
  const { rows, cols, data } = points;
  const out = data instanceof Float32Array ? data : new Float32Array(data);
  const width = metric === 'cosine' ? cols : data.length;
  let scaled: Float32Array | undefined;
  for (let from = 0; from < data.length; from += width) {
    const exponent = exponentOf(data, from, from + width);
    if (Math.abs(exponent) <= FAR) continue;
    scaled ??= out.slice();
    // In two steps: 2 ** 1074 alone is no float64.
    const half = -Math.trunc(exponent / 2);
    const [first, second] = [2 ** half, 2 ** (-exponent - half)];
    for (let p = from; p < from + width; p++) scaled[p] = data[p]! * first * second;
  }
  return { rows, cols, data: scaled ?? out };
}

/** Of the value furthest from 0; 0 where all are 0 or one is not finite. */
function exponentOf(data: RealMatrix['data'], from: number, to: number): number {
  let greatest = 0;
  for (let p = from; p < to; p++) {
    const size = Math.abs(data[p]!);
    if (!(size <= greatest)) greatest = size;
  }
  return greatest > 0 && Number.isFinite(greatest) ? Math.floor(Math.log2(greatest)) : 0;
}
