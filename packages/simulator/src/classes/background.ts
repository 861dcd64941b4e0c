import type { GlitchClass } from '../glitch-class.js';

/** Noise alone, or with something too weak to see. Gravity Spy: Zevin et al. 2017, CQG 34, 064003. */
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
