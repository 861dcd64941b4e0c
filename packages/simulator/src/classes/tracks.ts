import type { GlitchClass } from '../glitch-class.js';

/** Radio beat notes: V, U or W shapes from a few hundred Hz up to the top. */
export const whistle: GlitchClass = {
  name: 'Whistle',
  snrRange: [7.5, 18],
  paint(canvas, draws) {
    const power = draws.uniform(0.8, 2.2);
    const halfSec = draws.logUniform(0.06, 0.8);
    const turnHz = draws.logUniform(120, 1100);
    const riseHz = draws.uniform(700, 2400);
    const shape = draws.pick(['v', 'v', 'arch', 'w', 'left', 'right']);
    const branch = (centreSec: number, low: number, sign: number, weight: number) =>
      canvas.track({
        fromSec: centreSec - (shape === 'right' ? 0.02 : halfSec),
        toSec: centreSec + (shape === 'left' ? 0.02 : halfSec),
        frequencyHz: (t) => low + sign * riseHz * (Math.abs(t - centreSec) / halfSec) ** power,
        weight,
        unitSec: 0.018,
      });
    const offsetSec = draws.uniform(-0.7, 0.7) * halfSec;
    if (shape === 'arch') {
      branch(offsetSec, draws.uniform(700, 1900), -1, 1);
    } else {
      branch(offsetSec, turnHz, 1, 1);
    }
    if (shape === 'w') {
      branch(offsetSec + draws.uniform(1.1, 2) * halfSec, turnHz * draws.uniform(0.7, 1.5), 1, 0.9);
    }
    if (draws.chance(0.25)) {
      branch(offsetSec + draws.uniform(-1, 1), turnHz * draws.uniform(0.8, 2), 1, 0.7);
    }
  },
};

/** A loud line above 300 Hz that drifts and jumps through all the stretch. */
export const wanderingLine: GlitchClass = {
  name: 'Wandering_Line',
  snrRange: [12, 45],
  paint(canvas, draws) {
    const baseHz = draws.logUniform(350, 1500);
    const knotSec = draws.logUniform(0.05, 0.4);
    const sawtooth = draws.chance(0.5);
    const swing = draws.uniform(0.03, 0.25);
    const knots: number[] = [];
    let octave = draws.uniform(-swing, swing);
    for (let t = 0; t < 4.5; t += knotSec) {
      knots.push(octave);
      octave = sawtooth
        ? octave - draws.uniform(0.05, 0.2)
        : 0.7 * octave + draws.normal(0, swing * 0.7);
      if (octave < -swing * 2) {
        octave = draws.uniform(0, swing);
      }
    }
    const pitch = (t: number) => {
      const x = Math.max(0, (t + 2) / knotSec);
      const i = Math.min(knots.length - 2, Math.floor(x));
      return baseHz * 2 ** (knots[i]! + (knots[i + 1]! - knots[i]!) * (x - i));
    };
    const copies = draws.integer(1, 3);
    for (let i = 0; i < copies; i++) {
      const ratio = i === 0 ? 1 : draws.uniform(1.1, 2);
      canvas.track({
        fromSec: -2,
        toSec: 2,
        frequencyHz: (t) => ratio * pitch(t),
        weight: i === 0 ? 1 : draws.uniform(0.25, 0.8),
        unitSec: 0.02,
      });
    }
    const rumbles = draws.integer(0, 6);
    for (let i = 0; i < rumbles; i++) {
      canvas.sineGaussian({
        timeSec: draws.uniform(-1.5, 1.5),
        frequencyHz: draws.logUniform(12, 200),
        q: draws.uniform(8, 30),
        weight: draws.uniform(0.2, 0.8),
      });
    }
  },
};

/** Compact binary inspiral in whitened strain: f ~ (t_c - t)^(-3/8) up to the merger. */
export const chirp: GlitchClass = {
  name: 'Chirp',
  snrRange: [10, 35],
  paint(canvas, draws) {
    const chirpMass = draws.logUniform(9, 40);
    // f(t) = 134 Hz (1.21 Msun / Mc)^(5/8) (1 s / (tc - t))^(3/8); Maggiore 2008, eq. 4.20.
    const scaleHz = 134 * (1.21 / chirpMass) ** (5 / 8);
    const topHz = Math.min(1200, 4400 / (2.3 * chirpMass) + draws.uniform(20, 120));
    const startSec = (scaleHz / 22) ** (8 / 3);
    const endSec = 0.01;
    const fromSec = Math.max(-1.9, endSec - startSec);
    canvas.track({
      fromSec,
      toSec: endSec + 0.012,
      frequencyHz: (t) => Math.min(topHz, scaleHz * Math.max(1e-4, endSec - t) ** (-3 / 8)),
      // Strain ~ f^(2/3) over a noise floor that falls below 60 Hz and is flat above.
      envelope: (t) => {
        const hz = Math.min(topHz, scaleHz * Math.max(1e-4, endSec - t) ** (-3 / 8));
        const rise = Math.min(1, hz / 60) ** 2;
        const ringdown = t > endSec ? Math.exp(-(t - endSec) / 0.003) : 1;
        return rise * (hz / topHz) ** 0.35 * ringdown;
      },
      weight: 1,
      unitSec: 0.03,
      phase: draws.uniform(0, 6.28),
    });
  },
};

/** Pairs of curves rising and falling like wings between 15 and 200 Hz. */
export const pairedDoves: GlitchClass = {
  name: 'Paired_Doves',
  snrRange: [8, 26],
  paint(canvas, draws) {
    const lowHz = draws.logUniform(13, 26);
    const octaves = draws.uniform(2, 3.5);
    const wingSec = draws.uniform(0.05, 0.16);
    const pairs: number[] = [0];
    for (const side of [-1, 1]) {
      if (draws.chance(0.6)) {
        pairs.push(side * draws.uniform(0.4, 1.6));
      }
    }
    const mirror = draws.pick([-1, 1]);
    for (const pair of pairs) {
      const gapSec = wingSec * draws.uniform(0.25, 0.6);
      for (const side of [-1, 1]) {
        const strength = (pair === 0 ? 1 : draws.uniform(0.5, 1)) * draws.uniform(0.6, 1);
        const centreSec = pair + (side * gapSec) / 2;
        canvas.track({
          fromSec: centreSec - wingSec / 2,
          toSec: centreSec + wingSec / 2,
          frequencyHz: (t) =>
            lowHz *
            2 ** (octaves * (0.5 + (mirror * (t - centreSec)) / wingSec) ** (side > 0 ? 1.6 : 0.8)),
          weight: strength,
          unitSec: 0.03,
          phase: draws.uniform(0, 6.28),
        });
      }
    }
  },
};
