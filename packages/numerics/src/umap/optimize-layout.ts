import type { CurveParams } from './curve.js';
import { PowerTable } from './power-table.js';
import { nextTau, seedTau, TAU_WORDS } from './tau.js';

/** Edges of the layout problem, and how often each is pulled. */
export interface LayoutEdges {
  /** Vertex that moves: row of the layout. */
  readonly heads: Int32Array;
  /** Vertex pulled towards: row of the target layout. */
  readonly tails: Int32Array;
  /** Epochs between two pulls; 1 for the heaviest edge. */
  readonly epochsPerSample: Float64Array;
}

export interface OptimizeOptions {
  readonly dim: number;
  readonly nEpochs: number;
  readonly curve: CurveParams;
  /** Learning rate of the first two epochs; falls linearly to 0 (default 1). */
  readonly initialAlpha?: number;
  /** Weight of the repulsion, umap-learn's gamma (default 1). */
  readonly repulsionStrength?: number;
  /** Repulsive samples per pull (default 5). */
  readonly negativeSampleRate?: number;
  /** Three 32-bit integers that seed every vertex's generator. */
  readonly seeds: ArrayLike<number>;
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/**
 * Stochastic gradient descent on the fuzzy cross entropy (McInnes et al. 2018,
 * algorithm 5), in place on `layout`, in umap-learn's order: edges by number within
 * an epoch, each pulled whenever its next sample is due and then pushed from
 * vertices drawn by the head's own generator; every step clipped to +-4.
 *
 * @param layout n x dim positions that move.
 * @param target positions pulled towards and pushed from. The same array as `layout`
 *   lets both ends of an edge move (fitting); another one stays as it is (transforming).
 */
export function optimizeLayout(
  layout: Float32Array,
  target: Float32Array,
  edges: LayoutEdges,
  options: OptimizeOptions,
): void {
  const { heads, tails, epochsPerSample } = edges;
  const { dim, nEpochs } = options;
  const { a, b } = options.curve;
  const initialAlpha = options.initialAlpha ?? 1;
  const gamma = options.repulsionStrength ?? 1;
  const rate = options.negativeSampleRate ?? 5;
  const moveOther = layout === target;
  const vertices = target.length / dim;
  const states = seedTau(options.seeds, layout, dim);
  const nextSample = epochsPerSample.slice();
  const nextNegative = epochsPerSample.map((every) => every / rate);
  const powers = PowerTable.for(b);
  let alpha = initialAlpha;

  for (let epoch = 0; epoch < nEpochs; epoch++) {
    for (let e = 0; e < heads.length; e++) {
      if (nextSample[e]! > epoch) continue;
      const head = heads[e]!;
      const j = head * dim;
      const k = tails[e]! * dim;
      let squared = squaredLength(layout, j, target, k, dim);
      if (squared > 0) {
        const power = powers.of(squared);
        const pull = (-2 * a * b * power) / (squared * (a * power + 1));
        for (let c = 0; c < dim; c++) {
          const step = alpha * clip(pull * (layout[j + c]! - target[k + c]!));
          layout[j + c]! += step;
          if (moveOther) target[k + c]! -= step;
        }
      }
      nextSample[e]! += epochsPerSample[e]!;

      const every = epochsPerSample[e]! / rate;
      const due = Math.trunc((epoch - nextNegative[e]!) / every);
      const state = head * TAU_WORDS;
      for (let s = 0; s < due; s++) {
        let other = nextTau(states, state) % vertices;
        if (other < 0) other += vertices;
        const o = other * dim;
        squared = squaredLength(layout, j, target, o, dim);
        if (squared > 0) {
          const push = (2 * gamma * b) / ((0.001 + squared) * (a * powers.of(squared) + 1));
          for (let c = 0; c < dim; c++) {
            layout[j + c]! += alpha * clip(push * (layout[j + c]! - target[o + c]!));
          }
        }
      }
      nextNegative[e]! += due * every;
    }
    // As in umap-learn: by the epoch just done, so epochs 0 and 1 share the full rate.
    alpha = initialAlpha * (1 - epoch / nEpochs);
    options.onProgress?.((epoch + 1) / nEpochs);
  }
}

function squaredLength(
  p: Float32Array,
  i: number,
  q: Float32Array,
  j: number,
  dim: number,
): number {
  let sum = 0;
  for (let c = 0; c < dim; c++) {
    const d = p[i + c]! - q[j + c]!;
    sum += d * d;
  }
  return sum;
}

function clip(value: number): number {
  return value > 4 ? 4 : value < -4 ? -4 : value;
}

/** Epochs between pulls of edges with these weights, into `out`: greatest weight 1, half of it 2. */
export function epochsPerSampleOf<Out extends Float32Array | Float64Array>(
  weights: Float32Array,
  greatest: number,
  nEpochs: number,
  out: Out,
): Out {
  for (let e = 0; e < weights.length; e++) {
    const samples = Math.fround(nEpochs * Math.fround(weights[e]! / greatest));
    out[e] = samples > 0 ? nEpochs / samples : Number.POSITIVE_INFINITY;
  }
  return out;
}
