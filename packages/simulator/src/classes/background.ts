import type { GlitchClass } from '../glitch-class.js';

/** Noise alone, or with something too weak to see. */
export const noGlitch: GlitchClass = {
  name: 'No_Glitch',
  snrRange: [1, 5],
  detectable: false,
  paint(canvas, draws) {
    canvas.sineGaussian({
      timeSec: 0,
      frequencyHz: draws.logUniform(15, 1500),
      q: draws.logUniform(4, 40),
      weight: 1,
    });
  },
};

/** Anything else: clumps of components without a common shape. */
export const noneOfTheAbove: GlitchClass = {
  name: 'None_of_the_Above',
  snrRange: [10, 120],
  paint(canvas, draws) {
    const clumps = draws.integer(1, 3);
    for (let c = 0; c < clumps; c++) {
      const centreHz = draws.logUniform(14, 700);
      const octaves = draws.uniform(0.1, 1);
      const centreSec = c === 0 ? 0 : draws.uniform(-0.8, 0.8);
      const spreadSec = draws.logUniform(0.02, 0.5);
      const q = draws.logUniform(3, 25);
      const pieces = draws.integer(2, 14);
      for (let i = 0; i < pieces; i++) {
        canvas.sineGaussian({
          timeSec: c + i === 0 ? 0 : centreSec + draws.normal(0, spreadSec),
          frequencyHz: Math.min(1800, centreHz * 2 ** draws.normal(0, octaves)),
          q: q * draws.uniform(0.7, 1.4),
          weight: c + i === 0 ? 1 : draws.logUniform(0.2, 1),
          phase: draws.uniform(0, 6.28),
        });
      }
    }
  },
};
