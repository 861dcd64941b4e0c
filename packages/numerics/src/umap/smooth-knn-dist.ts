import type { Neighbors } from '../knn/neighbor-lists.js';

const TOLERANCE = 1e-5;
const MIN_K_DIST_SCALE = 1e-3;
const BISECTIONS = 64;

/** Per row: distance to the nearest neighbour that counts, and the kernel's width. */
export interface SmoothedKnn {
  readonly sigmas: Float32Array;
  readonly rhos: Float32Array;
}

/**
 * For each row the width sigma with sum over columns 1 ... k-1 of
 * exp(-max(0, d - rho) / sigma) = log2(k), and rho, the localConnectivity-th
 * non-zero distance (0 for localConnectivity 0). Arithmetic follows umap-learn's
 * smooth_knn_dist, float32 where it is (McInnes et al. 2018, algorithm 3). Sigma is
 * at least 1e-3 of the row's mean distance, or of the mean of all where rho is 0.
 *
 * @param knn n x k, column 0 the row itself (or the nearest sample for new rows).
 * @param floorMean whose mean bounds sigma where rho is 0: that of all rows, as
 *   umap-learn has it, or the row's own, which keeps a row independent of the others; a
 *   number is the mean of all where only some are at hand.
 */
export function smoothKnnDist(
  knn: Neighbors,
  localConnectivity = 1,
  floorMean: 'all' | 'row' | number = 'all',
): SmoothedKnn {
  const { k, distances } = knn;
  const wholeMean = wholeMeanOf(knn, floorMean);
  const n = k === 0 ? 0 : distances.length / k;
  const target = Math.log2(k);
  const sigmas = new Float32Array(n);
  const rhos = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    const first = i * k;
    const end = first + k;
    rhos[i] = rhoOf(distances, first, end, localConnectivity);
    const rho = rhos[i]!;
    let lo = 0;
    let hi = Number.POSITIVE_INFINITY;
    let mid = 1;
    for (let step = 0; step < BISECTIONS; step++) {
      let sum = 0;
      for (let p = first + 1; p < end; p++) {
        const d = Math.fround(distances[p]! - rho);
        sum += d > 0 ? Math.exp(-d / mid) : 1;
      }
      if (Math.abs(sum - target) < TOLERANCE) break;
      if (sum > target) {
        hi = mid;
        mid = (lo + hi) / 2;
      } else {
        lo = mid;
        mid = hi === Number.POSITIVE_INFINITY ? mid * 2 : (lo + hi) / 2;
      }
    }
    const mean = rho > 0 || floorMean === 'row' ? meanOf(distances, first, end) : wholeMean;
    sigmas[i] = Math.max(mid, MIN_K_DIST_SCALE * mean);
  }
  return { sigmas, rhos };
}

function wholeMeanOf(knn: Neighbors, floorMean: 'all' | 'row' | number): number {
  if (typeof floorMean === 'number') return floorMean;
  return floorMean === 'all' ? meanDistance(knn) : 0;
}

/** Mean of all finite distances, 0 of none. */
export function meanDistance({ distances }: Neighbors): number {
  return meanOf(distances, 0, distances.length);
}

/** The localConnectivity-th non-zero distance, interpolated for fractions. */
function rhoOf(distances: Float32Array, first: number, end: number, connectivity: number): number {
  let nonZero = 0;
  for (let p = first; p < end; p++) if (distances[p]! > 0) nonZero++;
  const firstNonZero = end - nonZero;
  if (nonZero === 0) return 0;
  if (nonZero < connectivity) return distances[end - 1]!;
  const whole = Math.floor(connectivity);
  const part = connectivity - whole;
  if (whole === 0) return part * distances[firstNonZero]!;
  const at = firstNonZero + whole - 1;
  if (part <= TOLERANCE || at + 1 >= end) return distances[at]!;
  return distances[at]! + part * (distances[at + 1]! - distances[at]!);
}

function meanOf(values: Float32Array, first: number, end: number): number {
  let sum = 0;
  let count = 0;
  for (let p = first; p < end; p++) {
    // A list that an approximate search left short ends in infinities.
    if (values[p]! === Number.POSITIVE_INFINITY) continue;
    sum += values[p]!;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}
