/**
 * Median of the first n values of `values`, which are reordered; for an even
 * count the mean of the two middle ones, as NumPy's.
 *
 * Floyd and Rivest, Algorithm 489 (SELECT), Comm. ACM 18 (1975) 173.
 */
export function medianInPlace(values: Float32Array | Float64Array, n: number): number {
  if (n <= 0) {
    return Number.NaN;
  }
  const k = n >> 1;
  select(values, 0, n - 1, k);
  const upper = values[k]!;
  if (n % 2 === 1) {
    return upper;
  }
  let lower = values[0]!;
  for (let i = 1; i < k; i++) {
    if (values[i]! > lower) {
      lower = values[i]!;
    }
  }
  return (lower + upper) / 2;
}

function select(a: Float32Array | Float64Array, left: number, right: number, k: number): void {
  while (right > left) {
    if (right - left > 600) {
      const n = right - left + 1;
      const m = k - left + 1;
      const z = Math.log(n);
      const s = 0.5 * Math.exp((2 * z) / 3);
      const sd = 0.5 * Math.sqrt((z * s * (n - s)) / n) * Math.sign(m - n / 2);
      const newLeft = Math.max(left, Math.floor(k - (m * s) / n + sd));
      const newRight = Math.min(right, Math.floor(k + ((n - m) * s) / n + sd));
      select(a, newLeft, newRight, k);
    }
    const t = a[k]!;
    let i = left;
    let j = right;
    a[k] = a[left]!;
    a[left] = t;
    if (a[right]! > t) {
      a[left] = a[right]!;
      a[right] = t;
    }
    while (i < j) {
      const swap = a[i]!;
      a[i] = a[j]!;
      a[j] = swap;
      i++;
      j--;
      while (a[i]! < t) i++;
      while (a[j]! > t) j--;
    }
    if (a[left] === t) {
      const swap = a[left]!;
      a[left] = a[j]!;
      a[j] = swap;
    } else {
      j++;
      const swap = a[j]!;
      a[j] = a[right]!;
      a[right] = swap;
    }
    if (j <= k) left = j + 1;
    if (k <= j) right = j - 1;
  }
}
