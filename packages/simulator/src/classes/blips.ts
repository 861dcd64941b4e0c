import type { GlitchClass } from '../glitch-class.js';

/** Short symmetric teardrop between about 50 and 1000 Hz, some 10 ms long. Cabero et al. 2019, CQG 36, 155010. */
export const blip: GlitchClass = {
  name: 'Blip',
  snrRange: [8, 60],
  paint(canvas, draws) {
    canvas.pulse({
      timeSec: 0,
      frequencyHz: draws.logUniform(95, 320),
      octavesBelow: draws.uniform(0.4, 1.1),
      octavesAbove: draws.uniform(0.7, 1.5),
      weight: 1,
    });
  },
};

/** A blip an octave or two lower, broad at the foot. Davis et al. 2021, CQG 38, 135014. */
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

/** A compact spot of 15 to 60 Hz without a tip. Soni et al. 2021, CQG 38, 195016. */
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

/**
 * A very loud blip with a ragged body below 100 Hz and fins on both sides, a
 * tenth of a second long. Zevin et al. 2017.
 */
export const koiFish: GlitchClass = {
  name: 'Koi_Fish',
  snrRange: [60, 450],
  paint(canvas, draws) {
    const finHz = draws.logUniform(40, 130);
    canvas.pulse({
      timeSec: 0,
      frequencyHz: draws.logUniform(60, 170),
      octavesBelow: draws.uniform(0.7, 1.3),
      octavesAbove: draws.uniform(0.8, 1.4),
      weight: 1,
    });
    const finSec = draws.uniform(0.02, 0.12);
    const fins = draws.integer(1, 4);
    for (let i = 0; i < fins; i++) {
      for (const side of [-1, 1]) {
        canvas.sineGaussian({
          timeSec: (side * finSec * (i + draws.uniform(0.7, 1.3))) / fins,
          frequencyHz: finHz * draws.uniform(0.75, 1.3),
          q: draws.uniform(3, 9),
          weight: draws.logUniform(0.04, 0.25),
          phase: draws.uniform(0, 6.28),
        });
      }
    }
    const bodies = draws.integer(1, 4);
    for (let i = 0; i < bodies; i++) {
      canvas.sineGaussian({
        timeSec: draws.normal(0, 0.04),
        frequencyHz: draws.logUniform(12, 45),
        q: draws.uniform(2.5, 7),
        weight: draws.logUniform(0.05, 0.6),
        phase: draws.uniform(0, 6.28),
      });
    }
  },
};

/**
 * Saturates nearly every frequency and rings on for tenths of a second; the
 * loudest spoil the whitening, so that their own picture goes dark. Zevin et al. 2017.
 */
export const extremelyLoud: GlitchClass = {
  name: 'Extremely_Loud',
  snrRange: [400, 4000],
  darkening: 0.45,
  paint(canvas, draws) {
    canvas.pulse({
      timeSec: 0,
      frequencyHz: draws.logUniform(25, 150),
      octavesBelow: draws.uniform(1, 2),
      octavesAbove: draws.uniform(1.4, 2.4),
      weight: 1,
    });
    const rings = draws.integer(10, 28);
    const spreadSec = draws.logUniform(0.04, 0.2);
    for (let i = 0; i < rings; i++) {
      canvas.sineGaussian({
        timeSec: draws.normal(0, spreadSec),
        frequencyHz: draws.logUniform(14, 700),
        q: draws.uniform(3, 12),
        weight: draws.logUniform(0.003, 0.15),
        phase: draws.uniform(0, 6.28),
      });
    }
  },
};
