import type { GlitchClass } from '../glitch-class.js';

/** Short symmetric teardrop between about 50 and 1000 Hz. */
export const blip: GlitchClass = {
  name: 'Blip',
  snrRange: [8, 60],
  paint(canvas, draws) {
    canvas.pulse({
      timeSec: 0,
      frequencyHz: draws.logUniform(110, 320),
      octavesBelow: draws.uniform(0.4, 0.9),
      octavesAbove: draws.uniform(0.7, 1.5),
      weight: 1,
    });
  },
};

/** A blip an octave or two lower, broad at the foot. */
export const tomte: GlitchClass = {
  name: 'Tomte',
  snrRange: [12, 90],
  paint(canvas, draws) {
    canvas.pulse({
      timeSec: 0,
      frequencyHz: draws.logUniform(32, 62),
      octavesBelow: draws.uniform(0.15, 0.4),
      octavesAbove: draws.uniform(0.6, 1.1),
      weight: 1,
    });
  },
};

/** A compact spot of 15 to 60 Hz without a tip. */
export const lowFrequencyBlip: GlitchClass = {
  name: 'Blip_Low_Frequency',
  snrRange: [8, 40],
  paint(canvas, draws) {
    canvas.sineGaussian({
      timeSec: 0,
      frequencyHz: draws.logUniform(16, 48),
      q: draws.uniform(1.5, 3.5),
      phase: draws.uniform(0, 6.28),
      weight: 1,
    });
  },
};

/** A very loud blip with a body of low frequency and fins on both sides. */
export const koiFish: GlitchClass = {
  name: 'Koi_Fish',
  snrRange: [70, 450],
  paint(canvas, draws) {
    const finHz = draws.logUniform(50, 110);
    const bodyHz = draws.logUniform(18, 40);
    canvas.pulse({
      timeSec: 0,
      frequencyHz: draws.logUniform(70, 150),
      octavesBelow: draws.uniform(0.7, 1.3),
      octavesAbove: draws.uniform(0.8, 1.2),
      weight: 1,
    });
    const finSec = draws.uniform(0.03, 0.11);
    for (const side of [-1, 1]) {
      canvas.sineGaussian({
        timeSec: side * finSec * draws.uniform(0.85, 1.15),
        frequencyHz: finHz * draws.uniform(0.85, 1.2),
        q: draws.uniform(4, 9),
        weight: draws.logUniform(0.04, 0.2),
        phase: draws.uniform(0, 6.28),
      });
    }
    canvas.sineGaussian({
      timeSec: draws.normal(0, 0.015),
      frequencyHz: bodyHz,
      q: draws.uniform(3, 7),
      weight: draws.logUniform(0.15, 0.6),
      phase: draws.uniform(0, 6.28),
    });
  },
};

/** Saturates nearly every frequency and rings on for tenths of a second. */
export const extremelyLoud: GlitchClass = {
  name: 'Extremely_Loud',
  snrRange: [450, 4000],
  paint(canvas, draws) {
    canvas.pulse({
      timeSec: 0,
      frequencyHz: draws.logUniform(25, 150),
      octavesBelow: draws.uniform(1, 2),
      octavesAbove: draws.uniform(1.4, 2.4),
      weight: 1,
    });
    const rings = draws.integer(10, 28);
    for (let i = 0; i < rings; i++) {
      canvas.sineGaussian({
        timeSec: draws.normal(0, 0.08),
        frequencyHz: draws.logUniform(14, 700),
        q: draws.uniform(3, 12),
        weight: draws.logUniform(0.003, 0.15),
        phase: draws.uniform(0, 6.28),
      });
    }
  },
};
