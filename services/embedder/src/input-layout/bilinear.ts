/** Where each output sample lies between two input samples, along one axis. */
export interface AxisSamples {
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** Weight of `high`; the weight of `low` is the rest. */
  readonly weight: Float64Array;
}

/**
 * Linear interpolation from `from` to `to` samples with pixel centres at
 * (i + 0.5) / n and the edge repeated, as picture libraries enlarge.
 */
export function axisSamples(from: number, to: number): AxisSamples {
  const low = new Int32Array(to);
  const high = new Int32Array(to);
  const weight = new Float64Array(to);
  for (let i = 0; i < to; i++) {
    const at = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    low[i] = Math.floor(at);
    high[i] = Math.min(low[i]! + 1, from - 1);
    weight[i] = at - low[i]!;
  }
  return { low, high, weight };
}
