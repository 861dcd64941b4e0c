/** A sine-Gaussian; times in seconds from the middle of the stretch. */
export interface SineGaussian {
  readonly timeSec: number;
  readonly frequencyHz: number;
  readonly q: number;
  /** Matched-filter SNR relative to the glitch's own. */
  readonly weight: number;
  readonly phase?: number;
}

/** A short broadband pulse: cosine wavelets with a common crest. */
export interface Pulse {
  readonly timeSec: number;
  /** Where its spectrum is highest. */
  readonly frequencyHz: number;
  /** Standard deviation of the spectrum below and above, in octaves. */
  readonly octavesBelow: number;
  readonly octavesAbove: number;
  readonly weight: number;
}

/** An oscillation whose frequency and strength follow the time. */
export interface Track {
  readonly fromSec: number;
  readonly toSec: number;
  frequencyHz(timeSec: number): number;
  /** 0 ... 1; default 1 with soft ends. */
  envelope?(timeSec: number): number;
  /** SNR, relative to the glitch's own, of `unitSec` of the track at full strength. */
  readonly weight: number;
  readonly unitSec: number;
  readonly phase?: number;
}

/** What the painted components cover, for the trigger's columns. */
export interface Extent {
  readonly fromSec: number;
  readonly toSec: number;
  readonly lowHz: number;
  readonly highHz: number;
}

/**
 * Where a glitch is painted before it is scaled and put into noise: whitened
 * strain of unit variance per sample, so that a component's matched-filter SNR
 * is the root of its sum of squares.
 */
export interface Canvas {
  readonly durationSec: number;
  sineGaussian(component: SineGaussian): void;
  pulse(component: Pulse): void;
  track(component: Track): void;
}

export interface PaintedCanvas extends Canvas {
  readonly samples: Float64Array;
  /** Empties it, and undoes `tune` and `place`. */
  clear(): void;
  /** What is painted from now on is this many octaves higher. */
  tune(octaves: number): void;
  /** What is painted from now on is moved in time and made `weight` times as loud. */
  place(offsetSec: number, weight: number): void;
  /** Undefined while nothing was painted. */
  extent(): Extent | undefined;
}

/** Components weaker than this, relative to the loudest, do not widen the extent. */
const EXTENT_WEIGHT = 0.25;
/** Wavelets of a pulse: their Q and how many lie in an octave. */
const PULSE_Q = 2.5;
const PULSE_PER_OCTAVE = 3;
const NYQUIST_MARGIN = 0.45;

export function createCanvas(sampleRateHz: number, durationSec: number): PaintedCanvas {
  const n = sampleRateHz * durationSec;
  const middle = n / 2;
  const samples = new Float64Array(n);
  const scratch = new Float64Array(n);
  let extent: { fromSec: number; toSec: number; lowHz: number; highHz: number } | undefined;

  const widen = (fromSec: number, toSec: number, lowHz: number, highHz: number) => {
    const half = durationSec / 2;
    const from = Math.max(-half, fromSec);
    const to = Math.min(half, toSec);
    extent = {
      fromSec: Math.min(extent?.fromSec ?? from, from),
      toSec: Math.max(extent?.toSec ?? to, to),
      lowHz: Math.min(extent?.lowHz ?? lowHz, lowHz),
      highHz: Math.max(extent?.highHz ?? highHz, highHz),
    };
  };

  /** Adds a wavelet to the scratch component; returns the samples it covers. */
  const wavelet = (
    timeSec: number,
    frequencyHz: number,
    q: number,
    phase: number,
    amplitude: number,
  ): [number, number] => {
    const tau = q / (Math.SQRT2 * Math.PI * frequencyHz);
    const first = Math.max(0, Math.floor(middle + (timeSec - 4 * tau) * sampleRateHz));
    const last = Math.min(n, Math.ceil(middle + (timeSec + 4 * tau) * sampleRateHz));
    for (let i = first; i < last; i++) {
      const t = (i - middle) / sampleRateHz - timeSec;
      scratch[i] =
        scratch[i]! +
        amplitude * Math.exp(-((t / tau) ** 2)) * Math.sin(2 * Math.PI * frequencyHz * t + phase);
    }
    return [first, last];
  };

  /** Moves the scratch component onto the canvas at the given SNR. */
  const deposit = (first: number, last: number, weight: number) => {
    let energy = 0;
    for (let i = first; i < last; i++) {
      energy += scratch[i]! * scratch[i]!;
    }
    const scale = energy > 0 ? weight / Math.sqrt(energy) : 0;
    for (let i = first; i < last; i++) {
      samples[i] = samples[i]! + scratch[i]! * scale;
      scratch[i] = 0;
    }
  };

  let pitch = 1;
  let shiftSec = 0;
  let loudness = 1;

  return {
    durationSec,
    samples,
    clear() {
      samples.fill(0);
      extent = undefined;
      pitch = 1;
      shiftSec = 0;
      loudness = 1;
    },
    tune(octaves) {
      pitch = 2 ** octaves;
    },
    place(offsetSec, weight) {
      shiftSec = offsetSec;
      loudness = weight;
    },
    extent: () => extent,

    sineGaussian(component) {
      const { q, phase = 0 } = component;
      const timeSec = component.timeSec + shiftSec;
      const frequencyHz = component.frequencyHz * pitch;
      const weight = component.weight * loudness;
      const [first, last] = wavelet(timeSec, frequencyHz, q, phase, 1);
      deposit(first, last, weight);
      if (weight >= EXTENT_WEIGHT) {
        const tau = q / (Math.SQRT2 * Math.PI * frequencyHz);
        const half = frequencyHz / q;
        widen(timeSec - tau, timeSec + tau, Math.max(1, frequencyHz - half), frequencyHz + half);
      }
    },

    pulse(component) {
      const { octavesBelow, octavesAbove } = component;
      const timeSec = component.timeSec + shiftSec;
      const frequencyHz = component.frequencyHz * pitch;
      const weight = component.weight * loudness;
      const highest = NYQUIST_MARGIN * sampleRateHz;
      const below = Math.ceil(2.5 * octavesBelow * PULSE_PER_OCTAVE);
      const above = Math.ceil(2.5 * octavesAbove * PULSE_PER_OCTAVE);
      let first = n;
      let last = 0;
      for (let k = -below; k <= above; k++) {
        const octave = k / PULSE_PER_OCTAVE;
        const hz = frequencyHz * 2 ** octave;
        if (hz > highest || hz < 6) {
          continue;
        }
        const sigma = k < 0 ? octavesBelow : octavesAbove;
        // A wavelet's energy falls as 1/f at equal amplitude: sqrt(f) evens it out.
        const amplitude = Math.exp(-0.5 * (octave / sigma) ** 2) * Math.sqrt(hz);
        const [from, to] = wavelet(timeSec, hz, PULSE_Q, Math.PI / 2, amplitude);
        first = Math.min(first, from);
        last = Math.max(last, to);
      }
      deposit(first, last, weight);
      if (weight >= EXTENT_WEIGHT) {
        const tau = PULSE_Q / (Math.SQRT2 * Math.PI * frequencyHz);
        const lowHz = frequencyHz * 2 ** -octavesBelow;
        widen(timeSec - tau, timeSec + tau, lowHz, frequencyHz * 2 ** octavesAbove);
      }
    },

    track({ frequencyHz, envelope, unitSec, phase = 0, ...component }) {
      const fromSec = component.fromSec + shiftSec;
      const toSec = component.toSec + shiftSec;
      const weight = component.weight * loudness;
      const first = Math.max(0, Math.ceil(middle + fromSec * sampleRateHz));
      const last = Math.min(n, Math.floor(middle + toSec * sampleRateHz));
      const amplitude = weight * Math.sqrt(2 / (sampleRateHz * unitSec));
      const softSec = Math.min(0.02, (toSec - fromSec) / 4);
      const highest = NYQUIST_MARGIN * sampleRateHz;
      let angle = phase;
      let lowHz = Number.POSITIVE_INFINITY;
      let highHz = 0;
      for (let i = first; i < last; i++) {
        const t = (i - middle) / sampleRateHz;
        const hz = pitch * frequencyHz(t - shiftSec);
        angle += (2 * Math.PI * hz) / sampleRateHz;
        if (!(hz > 4) || hz > highest) {
          continue;
        }
        const edge = Math.min(1, (t - fromSec) / softSec, (toSec - t) / softSec);
        samples[i] =
          samples[i]! + amplitude * edge * (envelope?.(t - shiftSec) ?? 1) * Math.sin(angle);
        lowHz = Math.min(lowHz, hz);
        highHz = Math.max(highHz, hz);
      }
      if (weight >= EXTENT_WEIGHT && highHz > 0) {
        widen(fromSec, toSec, lowHz, highHz);
      }
    },
  };
}
