import type { Rng } from '@glitchwatch/numerics';
import { createRealFft } from '@glitchwatch/spectrogram';
import type { Draws } from './draws.js';

/**
 * One-sided noise power of Advanced LIGO at zero detuning and high power, per
 * Hz: the fit of Sathyaprakash and Schutz 2009, Living Rev. Relativity 12, 2,
 * table 1.
 */
export function aligoPsd(frequencyHz: number): number {
  const x = frequencyHz / 215;
  const x2 = x * x;
  return 1e-49 * (x ** -4.14 - 5 / x2 + (111 * (1 - x2 + x2 * x2 * 0.5)) / (1 + 0.5 * x2));
}

/**
 * Narrow features of the LIGO spectra: calibration, mains and its harmonics,
 * violin modes and their second harmonic. Covas et al. 2018, PRD 97, 082002;
 * Davis et al. 2021, CQG 38, 135014.
 */
const LINES_HZ = [
  16, 35.9, 36.7, 60, 120, 180, 300, 331.9, 495, 500, 504, 508, 512, 991, 1000, 1008, 1016, 1083,
  1470, 1490,
];

/** Resolution at which a scan estimates the spectrum, and over how many averages: 64 s in 2 s halves. */
const ESTIMATE_HZ = 0.5;
const AVERAGES = 40;
/** Where the spectrum drifts between its estimate and the glitch, and by how much, in nepers. */
const DRIFT_HZ = [8, 16, 32, 80, 300, 1000, 4096];
const DRIFT = [0.3, 0.16, 0.08, 0.05, 0.04, 0.04, 0.04];

export interface NoiseOptions {
  readonly sampleRateHz: number;
  readonly nSamples: number;
}

/**
 * Fills whitened noise of about unit variance, as whitening leaves it:
 * coloured Gaussian noise divided by an estimate of its own spectrum. The
 * known colour cancels, so only what does not cancel is drawn: the scatter of
 * an estimate of 40 averages, lines that moved, a slow drift of the spectrum,
 * the high-pass below the band, and a loudness that varies with time.
 */
export type DetectorNoise = (out: Float64Array, rng: Rng, draws: Draws) => void;

export function createDetectorNoise({ sampleRateHz, nSamples }: NoiseOptions): DetectorNoise {
  const transform = createRealFft(nSamples);
  const white = new Float64Array(nSamples);
  const half = nSamples / 2;
  const durationSec = nSamples / sampleRateHz;
  const binsPerEstimate = ESTIMATE_HZ * durationSec;
  const gain = new Float64Array(Math.ceil(half / binsPerEstimate) + 1);

  const drawGain = (rng: Rng, draws: Draws) => {
    const drift = DRIFT.map((size) => draws.normal(0, size));
    const cutHz = draws.uniform(4, 18);
    let knot = 0;
    for (let i = 0; i < gain.length; i++) {
      const hz = Math.max(1, i * ESTIMATE_HZ);
      while (knot < DRIFT_HZ.length - 2 && hz > DRIFT_HZ[knot + 1]!) knot++;
      const span = Math.log(DRIFT_HZ[knot + 1]! / DRIFT_HZ[knot]!);
      const t = Math.min(1, Math.max(0, Math.log(hz / DRIFT_HZ[knot]!) / span));
      const slow = drift[knot]! + (drift[knot + 1]! - drift[knot]!) * t;
      const highPass = 1 / Math.sqrt(1 + (cutHz / hz) ** 8);
      const scatter = Math.max(0.3, 1 + rng.nextNormal() / (2 * Math.sqrt(AVERAGES)));
      gain[i] = Math.exp(slow) * highPass * scatter;
    }
    for (const lineHz of LINES_HZ) {
      const moved = Math.exp(draws.normal(-0.1, 0.3));
      const at = Math.round(lineHz / ESTIMATE_HZ);
      for (let i = at - 1; i <= at + 1 && i < gain.length; i++) gain[i] = gain[i]! * moved;
    }
  };

  const vary = (out: Float64Array, draws: Draws) => {
    const depth = draws.uniform(0.03, 0.22);
    const knots = Array.from({ length: 10 }, () => 1 + depth * draws.uniform(-1, 1));
    const step = (knots.length - 1) / nSamples;
    for (let j = 0; j < nSamples; j++) {
      const i = Math.floor(j * step);
      out[j] = out[j]! * (knots[i]! + (knots[i + 1]! - knots[i]!) * (j * step - i));
    }
  };

  return (out, rng, draws) => {
    drawGain(rng, draws);
    // The Hartley transform is its own inverse and takes white noise to white
    // noise, so one real transform colours it.
    for (let k = 0; k < nSamples; k++) {
      const bin = k <= half ? k : nSamples - k;
      white[k] = rng.nextNormal() * gain[Math.floor(bin / binsPerEstimate)]!;
    }
    const { re, im } = transform(white);
    const scale = 1 / Math.sqrt(nSamples);
    for (let j = 0; j < nSamples; j++) {
      out[j] = scale * (j <= half ? re[j]! - im[j]! : re[nSamples - j]! + im[nSamples - j]!);
    }
    if (draws.chance(0.35)) vary(out, draws);
  };
}
