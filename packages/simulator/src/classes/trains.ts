import type { GlitchClass } from '../glitch-class.js';

/** A train of blips, regular or nearly so. */
export const repeatingBlips: GlitchClass = {
  name: 'Repeating_Blips',
  snrRange: [9, 60],
  paint(canvas, draws) {
    const periodSec = draws.logUniform(0.12, 0.7);
    const jitter = draws.pick([0.02, 0.1, 0.3]);
    const frequencyHz = draws.logUniform(100, 300);
    const below = draws.uniform(0.5, 1.2);
    const above = draws.uniform(0.8, 1.8);
    const reach = Math.floor(draws.uniform(0.5, 1.9) / periodSec) + 1;
    const doubled = draws.chance(0.3);
    for (let k = -reach; k <= reach; k++) {
      const timeSec = k === 0 ? 0 : (k + draws.normal(0, jitter)) * periodSec;
      const weight = k === 0 ? 1 : draws.uniform(0.35, 1);
      const hz = frequencyHz * draws.uniform(0.85, 1.2);
      canvas.pulse({ timeSec, frequencyHz: hz, octavesBelow: below, octavesAbove: above, weight });
      if (doubled && draws.chance(0.5)) {
        canvas.pulse({
          timeSec: timeSec + draws.uniform(0.01, 0.05),
          frequencyHz: hz,
          octavesBelow: below,
          octavesAbove: above,
          weight: 0.7 * weight,
        });
      }
    }
  },
};

/** Columns braided of short waves left and right of a common axis, often in a row. */
export const helix: GlitchClass = {
  name: 'Helix',
  snrRange: [4, 11],
  paint(canvas, draws) {
    const lowHz = draws.logUniform(16, 40);
    const octaves = draws.uniform(3, 4.6);
    const spreadSec = draws.uniform(0.004, 0.014);
    const single = draws.chance(0.3);
    const meanGapSec = draws.logUniform(0.15, 0.6);
    const columns: number[] = [0];
    for (const side of single ? [] : [-1, 1]) {
      for (let t = side * meanGapSec * draws.uniform(0.4, 1.6); Math.abs(t) < 1.95; ) {
        columns.push(t);
        t += side * meanGapSec * draws.uniform(0.4, 1.6);
      }
    }
    for (const column of columns) {
      const strength = column === 0 ? 1 : draws.uniform(0.5, 1);
      const turns = draws.uniform(1.5, 3);
      const start = draws.uniform(0, 6.28);
      const rungs = Math.round(octaves * 2.5);
      for (let k = 0; k <= rungs; k++) {
        const frequencyHz = lowHz * 2 ** ((octaves * k) / rungs);
        const swing = Math.sin(start + (2 * Math.PI * turns * k) / rungs);
        const width = spreadSec * (1 + 1.2 * (1 - k / rungs));
        for (const side of [-1, 1]) {
          canvas.sineGaussian({
            timeSec: column + side * swing * width,
            frequencyHz,
            q: draws.uniform(3, 6),
            weight: strength * draws.uniform(0.5, 1) * (1 - (0.4 * k) / rungs),
            phase: draws.uniform(0, 6.28),
          });
        }
      }
    }
  },
};

/** Many short spots in a band around 100 to 250 Hz, for a second or more. */
export const scratchy: GlitchClass = {
  name: 'Scratchy',
  snrRange: [7.5, 16],
  paint(canvas, draws) {
    const bandHz = draws.logUniform(75, 230);
    const widthOctaves = draws.uniform(0.12, 0.4);
    const ratePerSec = draws.uniform(10, 32);
    const fromSec = -draws.uniform(0.3, 2.4);
    const toSec = draws.uniform(0.3, 2.4);
    const q = draws.uniform(4, 9);
    const wobble = draws.uniform(0, 0.35);
    const wobblePeriod = draws.uniform(0.1, 0.5);
    let timeSec = Math.max(-2, fromSec);
    while (timeSec < Math.min(2, toSec)) {
      const drift = wobble * Math.sin((2 * Math.PI * timeSec) / wobblePeriod);
      canvas.sineGaussian({
        timeSec,
        frequencyHz: bandHz * 2 ** (drift + draws.normal(0, widthOctaves)),
        q: q * draws.uniform(0.7, 1.4),
        weight: draws.uniform(0.45, 1),
        phase: draws.uniform(0, 6.28),
      });
      timeSec += draws.uniform(0.4, 1.6) / ratePerSec;
    }
    canvas.sineGaussian({ timeSec: 0, frequencyHz: bandHz, q, weight: 1 });
  },
};
