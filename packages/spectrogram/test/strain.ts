/** Unit Gaussian noise from a small linear congruential generator. */
export function noise(n: number, seed: number): Float64Array {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 1) / 4294967297;
  };
  return Float64Array.from(
    { length: n },
    () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}

export interface Burst {
  readonly timeSec: number;
  readonly frequencyHz: number;
  readonly q: number;
  /** Matched-filter SNR in unit white noise. */
  readonly snr: number;
}

/** Adds a sine-Gaussian. */
export function addBurst(
  samples: Float64Array,
  sampleRateHz: number,
  { timeSec, frequencyHz, q, snr }: Burst,
): void {
  const tau = q / (Math.SQRT2 * Math.PI * frequencyHz);
  const wave = samples.map((_, i) => {
    const t = i / sampleRateHz - timeSec;
    return Math.exp(-((t / tau) ** 2)) * Math.sin(2 * Math.PI * frequencyHz * t);
  });
  const norm = Math.sqrt(wave.reduce((sum, v) => sum + v * v, 0));
  for (let i = 0; i < samples.length; i++) samples[i] = samples[i]! + (snr * wave[i]!) / norm;
}

/** Noise of a detector's size and slope: the sum of white noise and a louder, slower walk. */
export function detectorStrain(n: number, seed: number, bursts: readonly Burst[], rateHz: number) {
  const samples = noise(n, seed);
  for (const burst of bursts) addBurst(samples, rateHz, burst);
  let slow = 0;
  return samples.map((value) => {
    slow = 0.95 * slow + value;
    return 1e-22 * slow;
  });
}
