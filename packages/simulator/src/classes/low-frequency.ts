import type { GlitchClass } from '../glitch-class.js';

/** Light scattered by a slowly swinging surface: stacked arches, f = 2 n |v| / lambda. */
export const scatteredLight: GlitchClass = {
  name: 'Scattered_Light',
  snrRange: [9, 45],
  paint(canvas, draws) {
    const topHz = draws.logUniform(18, 42);
    const archSec = draws.uniform(1.2, 3.4);
    const harmonics = Math.min(draws.pick([1, 2, 2, 3, 4]), Math.floor(115 / topHz));
    const loudest = draws.integer(1, harmonics);
    const sharpness = draws.uniform(0.8, 2);
    const arches = draws.chance(0.25) ? 2 : 1;
    for (let a = 0; a < arches; a++) {
      const centreSec = a === 0 ? 0 : draws.pick([-1, 1]) * archSec * draws.uniform(0.9, 1.2);
      for (let n = 1; n <= harmonics; n++) {
        const arch = (t: number) => Math.cos((Math.PI * (t - centreSec)) / archSec);
        canvas.track({
          fromSec: centreSec - archSec / 2,
          toSec: centreSec + archSec / 2,
          frequencyHz: (t) => n * topHz * Math.max(0, arch(t)) ** 0.7,
          envelope: (t) => Math.max(0, arch(t)) ** sharpness,
          weight: (a === 0 ? 1 : 0.7) * (n === loudest ? 1 : draws.uniform(0.25, 0.8)),
          unitSec: 0.45,
          phase: draws.uniform(0, 6.28),
        });
      }
    }
  },
};

/** Small arches in quick succession, two to four a second, 20 to 60 Hz. */
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

/** Humps of broad noise between 10 and 25 Hz. */
export const lowFrequencyBurst: GlitchClass = {
  name: 'Low_Frequency_Burst',
  snrRange: [12, 120],
  paint(canvas, draws) {
    const humps = draws.integer(2, 8);
    const spreadSec = draws.uniform(0.1, 0.5);
    for (let i = 0; i < humps; i++) {
      canvas.sineGaussian({
        timeSec: i === 0 ? 0 : draws.normal(0, spreadSec),
        frequencyHz: draws.logUniform(9, 19),
        q: draws.uniform(2.2, 8),
        weight: i === 0 ? 1 : draws.logUniform(0.2, 1),
        phase: draws.uniform(0, 6.28),
      });
    }
  },
};

/** Several tall pulses close together, with a low-frequency tail after them. */
export const lightModulation: GlitchClass = {
  name: 'Light_Modulation',
  snrRange: [20, 200],
  paint(canvas, draws) {
    const pulses = draws.integer(2, 6);
    const spanSec = draws.uniform(0.06, 0.35);
    for (let i = 0; i < pulses; i++) {
      canvas.pulse({
        timeSec: i === 0 ? 0 : draws.uniform(-spanSec, spanSec) / 2,
        frequencyHz: draws.logUniform(60, 300),
        octavesBelow: draws.uniform(0.4, 1),
        octavesAbove: draws.uniform(1, 2.2),
        weight: i === 0 ? 1 : draws.uniform(0.2, 1),
      });
    }
    const tails = draws.integer(1, 5);
    for (let i = 0; i < tails; i++) {
      canvas.sineGaussian({
        timeSec: draws.uniform(-0.1, 0.7),
        frequencyHz: draws.logUniform(10, 28),
        q: draws.uniform(2, 6),
        weight: draws.logUniform(0.1, 0.7),
        phase: draws.uniform(0, 6.28),
      });
    }
  },
};
