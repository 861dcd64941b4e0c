import type { GlitchClass } from '../glitch-class.js';

/**
 * Tones that climb in steps from tens of Hz to a kilohertz. No detector shows
 * this: it stands for the morphology nobody has seen, so no network is trained
 * on it.
 */
export const staircase: GlitchClass = {
  name: 'Staircase',
  snrRange: [18, 45],
  paint(canvas, draws) {
    const steps = draws.integer(5, 7);
    const stepSec = draws.uniform(0.09, 0.16);
    const lowHz = draws.uniform(28, 45);
    const octavesPerStep = draws.uniform(0.65, 0.8);
    const middle = (steps - 1) / 2;
    for (let k = 0; k < steps; k++) {
      const frequencyHz = lowHz * 2 ** (octavesPerStep * k);
      const centreSec = (k - middle) * stepSec;
      canvas.track({
        fromSec: centreSec - stepSec / 2,
        toSec: centreSec + stepSec / 2,
        frequencyHz: () => frequencyHz,
        weight: k === Math.round(middle) ? 1 : draws.uniform(0.75, 0.95),
        unitSec: 0.08,
        phase: draws.uniform(0, 6.28),
      });
    }
  },
};
