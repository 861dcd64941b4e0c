import type { GlitchClass } from '../glitch-class.js';

/**
 * Light scattered by a slowly swinging surface: stacked arches,
 * f = n f_max |cos(pi t / T)| with T half a microseismic period, n the number
 * of round trips. Accadia et al. 2010, CQG 27, 194011; Soni et al. 2021, CQG 38, 025016.
 */
export const scatteredLight: GlitchClass = {
  name: 'Scattered_Light',
  snrRange: [9, 45],
  paint(canvas, draws) {
    const topHz = draws.logUniform(14, 42);
    const archSec = draws.uniform(1.2, 4.5);
    const harmonics = Math.max(
      1,
      Math.min(draws.pick([1, 2, 2, 3, 4, 5]), Math.floor(125 / topHz)),
    );
    const loudest = draws.integer(1, harmonics);
    const sharpness = draws.uniform(0.6, 2);
    const power = draws.uniform(0.6, 1);
    const neighbours = draws.chance(0.3) ? draws.pick([[-1], [1], [-1, 1]]) : [];
    for (const a of [0, ...neighbours]) {
      const centreSec = a * archSec * draws.uniform(0.95, 1.15);
      for (let n = 1; n <= harmonics; n++) {
        const arch = (t: number) => Math.max(0, Math.cos((Math.PI * (t - centreSec)) / archSec));
        canvas.track({
          fromSec: centreSec - archSec / 2,
          toSec: centreSec + archSec / 2,
          frequencyHz: (t) => n * topHz * arch(t) ** power,
          envelope: (t) => arch(t) ** sharpness,
          weight: (a === 0 ? 1 : 0.7) * (n === loudest ? 1 : draws.uniform(0.2, 0.8)),
          unitSec: 0.4,
          phase: draws.uniform(0, 6.28),
        });
      }
    }
  },
};

/** Small arches in quick succession, two to four a second, 20 to 60 Hz. Soni et al. 2021, CQG 38, 195016. */
export const fastScattering: GlitchClass = {
  name: 'Fast_Scattering',
  snrRange: [8, 30],
  paint(canvas, draws) {
    const periodSec = 1 / draws.uniform(2, 4.5);
    const topHz = draws.uniform(26, 60);
    const footHz = topHz * draws.uniform(0.35, 0.6);
    const reach = Math.floor(draws.uniform(0.6, 1.9) / periodSec) + 1;
    for (let k = -reach; k <= reach; k++) {
      const centreSec = k === 0 ? 0 : (k + draws.normal(0, 0.05)) * periodSec;
      const half = 0.36 * periodSec;
      const bump = (t: number) => Math.cos((Math.PI * (t - centreSec)) / (2 * half));
      canvas.track({
        fromSec: centreSec - half,
        toSec: centreSec + half,
        frequencyHz: (t) => footHz + (topHz - footHz) * Math.max(0, bump(t)),
        envelope: (t) => Math.max(0, bump(t)),
        weight: k === 0 ? 1 : draws.uniform(0.4, 1),
        unitSec: 0.09,
        phase: draws.uniform(0, 6.28),
      });
    }
  },
};

/** Humps of broad noise between 10 and 30 Hz, some leaning. Zevin et al. 2017. */
export const lowFrequencyBurst: GlitchClass = {
  name: 'Low_Frequency_Burst',
  snrRange: [10, 120],
  paint(canvas, draws) {
    const humps = draws.integer(2, 10);
    const spreadSec = draws.uniform(0.1, 0.6);
    for (let i = 0; i < humps; i++) {
      canvas.sineGaussian({
        timeSec: i === 0 ? 0 : draws.normal(0, spreadSec),
        frequencyHz: draws.logUniform(9, 24),
        q: draws.uniform(2.2, 8),
        weight: i === 0 ? 1 : draws.logUniform(0.2, 1),
        phase: draws.uniform(0, 6.28),
      });
    }
    if (draws.chance(0.4)) {
      const fallHz = draws.uniform(4, 16);
      const lengthSec = draws.uniform(0.3, 1);
      for (const atSec of [0, draws.uniform(0.4, 0.9)]) {
        canvas.track({
          fromSec: atSec - lengthSec / 2,
          toSec: atSec + lengthSec / 2,
          frequencyHz: (t) => 18 - (fallHz * (t - atSec)) / lengthSec,
          weight: draws.uniform(0.4, 1),
          unitSec: 0.15,
        });
      }
    }
  },
};

/**
 * Several tall pulses within some tenths of a second, up to a kilohertz and
 * more, often with a tail of low frequency after them. Zevin et al. 2017.
 */
export const lightModulation: GlitchClass = {
  name: 'Light_Modulation',
  snrRange: [18, 250],
  paint(canvas, draws) {
    const pulses = draws.integer(2, 7);
    const spanSec = draws.uniform(0.06, 0.4);
    for (let i = 0; i < pulses; i++) {
      canvas.pulse({
        timeSec: i === 0 ? 0 : draws.uniform(-spanSec, spanSec) / 2,
        frequencyHz: draws.logUniform(50, 300),
        octavesBelow: draws.uniform(0.4, 1),
        octavesAbove: draws.uniform(1, 2.2),
        weight: i === 0 ? 1 : draws.uniform(0.2, 1),
      });
    }
    const tails = draws.integer(0, 6);
    for (let i = 0; i < tails; i++) {
      canvas.sineGaussian({
        timeSec: draws.uniform(-0.1, 0.9),
        frequencyHz: draws.logUniform(10, 35),
        q: draws.uniform(2, 6),
        weight: draws.logUniform(0.05, 0.7),
        phase: draws.uniform(0, 6.28),
      });
    }
  },
};
