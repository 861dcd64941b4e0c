import type { GlitchClass } from '../glitch-class.js';

/** A train of blips 0.1 to 0.7 s apart, regular or not, many up to a kilohertz. Zevin et al. 2017. */
export const repeatingBlips: GlitchClass = {
  name: 'Repeating_Blips',
  snrRange: [9, 40],
  paint(canvas, draws) {
    const periodSec = draws.logUniform(0.12, 0.7);
    const jitter = draws.pick([0.02, 0.1, 0.3]);
    const frequencyHz = draws.logUniform(90, 500);
    const below = draws.uniform(0.5, 1.3);
    const above = draws.uniform(0.8, 2);
    const reach = Math.floor(draws.uniform(0.5, 1.9) / periodSec) + 1;
    const doubled = draws.chance(0.4);
    for (let k = -reach; k <= reach; k++) {
      const timeSec = k === 0 ? 0 : (k + draws.normal(0, jitter)) * periodSec;
      const weight = k === 0 ? 1 : draws.uniform(0.35, 1);
      const hz = frequencyHz * draws.uniform(0.8, 1.25);
      canvas.pulse({ timeSec, frequencyHz: hz, octavesBelow: below, octavesAbove: above, weight });
      if (doubled && draws.chance(0.5)) {
        canvas.pulse({
          timeSec: timeSec + draws.uniform(0.01, 0.06),
          frequencyHz: hz,
          octavesBelow: below,
          octavesAbove: above,
          weight: draws.uniform(0.5, 0.9) * weight,
        });
      }
    }
  },
};

/**
 * Faint columns braided of short waves left and right of a common axis, 16 Hz
 * to some hundred, often several in a row. Zevin et al. 2017.
 */
export const helix: GlitchClass = {
  name: 'Helix',
  snrRange: [1.6, 4.5],
  paint(canvas, draws) {
    const lowHz = draws.logUniform(14, 40);
    const octaves = draws.uniform(3, 5);
    const spreadSec = draws.uniform(0.004, 0.018);
    const single = draws.chance(0.2);
    const meanGapSec = draws.logUniform(0.12, 0.6);
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
            q: draws.uniform(2, 4.5),
            weight: strength * draws.uniform(0.7, 1) * (1 - (0.35 * k) / rungs),
            phase: draws.uniform(0, 6.28),
          });
        }
      }
    }
  },
};

/** A comb of short spots 20 to 80 ms apart in a band at 80 to 300 Hz, for a second or more. Zevin et al. 2017. */
export const scratchy: GlitchClass = {
  name: 'Scratchy',
  snrRange: [4, 10],
  paint(canvas, draws) {
    const bandHz = draws.logUniform(75, 260);
    const widthOctaves = draws.uniform(0.08, 0.35);
    const ratePerSec = draws.uniform(10, 40);
    const regular = draws.uniform(0.3, 0.95);
    const fromSec = -draws.uniform(0.3, 2.8);
    const toSec = draws.uniform(0.3, 2.8);
    const q = draws.logUniform(3, 9);
    const wobble = draws.uniform(0, 0.35);
    const wobblePeriod = draws.uniform(0.1, 0.5);
    const swellSec = draws.uniform(0.3, 2);
    let timeSec = Math.max(-2, fromSec);
    while (timeSec < Math.min(2, toSec)) {
      const drift = wobble * Math.sin((2 * Math.PI * timeSec) / wobblePeriod);
      const swell = 0.7 + 0.3 * Math.cos((2 * Math.PI * timeSec) / swellSec);
      canvas.sineGaussian({
        timeSec,
        frequencyHz: bandHz * 2 ** (drift + draws.normal(0, widthOctaves)),
        q: q * draws.uniform(0.7, 1.4),
        weight: swell * draws.uniform(0.4, 1),
        phase: draws.uniform(0, 6.28),
      });
      timeSec += draws.uniform(regular, 2 - regular) / ratePerSec;
    }
    canvas.sineGaussian({ timeSec: 0, frequencyHz: bandHz, q, weight: 1 });
  },
};
