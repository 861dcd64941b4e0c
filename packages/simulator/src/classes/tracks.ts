import { aligoPsd } from '../detector-noise.js';
import type { GlitchClass } from '../glitch-class.js';

/**
 * Radio beat notes: the difference of two frequencies that sweep past each
 * other, f = |offset + slope t + curve t^2|, so U, V, W, M and arches with
 * cusps at zero beat; 100 Hz to the top of the band, fainter below 200 Hz.
 * Nuttall et al. 2015, CQG 32, 245005; Zevin et al. 2017.
 */
export const whistle: GlitchClass = {
  name: 'Whistle',
  snrRange: [5, 14],
  paint(canvas, draws) {
    const reachHz = draws.logUniform(900, 4000);
    const halfSec = draws.logUniform(0.05, 1.1);
    const shape = draws.pick(['u', 'u', 'v', 'm', 'm', 'm', 'lopsided']);
    const curve = shape === 'v' ? 0 : reachHz / halfSec ** 2;
    const slope =
      shape === 'v' ? reachHz / halfSec : shape === 'lopsided' ? draws.normal(0, 1) * reachHz : 0;
    const offset =
      shape === 'u' || shape === 'lopsided'
        ? draws.logUniform(120, 1500)
        : shape === 'm'
          ? -draws.logUniform(300, 1900)
          : 0;
    // The loudest spot comes to the middle, wherever it lies on the curve.
    const atSec = draws.uniform(-0.6, 0.6) * halfSec;
    const floorHz = draws.logUniform(90, 350);
    const beat = (t: number) => Math.abs(offset + slope * (t - atSec) + curve * (t - atSec) ** 2);
    const brightHz = draws.logUniform(250, 1600);
    canvas.track({
      fromSec: -2.1,
      toSec: 2.1,
      frequencyHz: (t) => Math.max(5, beat(t)),
      envelope: (t) => {
        const hz = beat(t);
        const low = 1 / (1 + (floorHz / (hz + 1)) ** 4);
        return low * (0.55 + 0.45 * Math.exp(-0.5 * (Math.log2((hz + 1) / brightHz) / 0.8) ** 2));
      },
      weight: 1,
      unitSec: 0.018,
    });
    if (draws.chance(0.2)) {
      const second = draws.uniform(0.9, 1.6) * draws.pick([-1, 1]);
      canvas.track({
        fromSec: -2.1,
        toSec: 2.1,
        frequencyHz: (t) => Math.max(5, beat(t - second)),
        envelope: (t) => (beat(t - second) > floorHz ? 1 : 0),
        weight: draws.uniform(0.5, 0.9),
        unitSec: 0.018,
      });
    }
  },
};

/**
 * A loud line above 200 Hz that drifts and jumps through all the stretch, often
 * with copies beside it and rumble below. Zevin et al. 2017.
 */
export const wanderingLine: GlitchClass = {
  name: 'Wandering_Line',
  snrRange: [9, 45],
  paint(canvas, draws) {
    const baseHz = draws.logUniform(250, 1700);
    const knotSec = draws.logUniform(0.04, 0.4);
    const manner = draws.pick(['sawtooth', 'wander', 'dips']);
    const swing = draws.uniform(0.02, 0.25);
    const knots: number[] = [];
    let octave = draws.uniform(-swing, swing);
    for (let t = 0; t < 4.5; t += knotSec) {
      knots.push(manner === 'dips' && draws.chance(0.8) ? 0 : octave);
      octave =
        manner === 'sawtooth'
          ? octave - draws.uniform(0.05, 0.2)
          : 0.7 * octave + draws.normal(0, swing * 0.7);
      if (octave < -swing * 2) octave = draws.uniform(0, swing);
    }
    const pitch = (t: number) => {
      const x = Math.max(0, (t + 2) / knotSec);
      const i = Math.min(knots.length - 2, Math.floor(x));
      return baseHz * 2 ** (knots[i]! + (knots[i + 1]! - knots[i]!) * (x - i));
    };
    const endSec = draws.chance(0.25) ? draws.uniform(0.5, 1.6) : 2;
    const copies = draws.integer(1, 4);
    for (let i = 0; i < copies; i++) {
      const ratio = i === 0 ? 1 : draws.uniform(1.05, 1.5);
      canvas.track({
        fromSec: -2,
        toSec: endSec,
        frequencyHz: (t) => ratio * pitch(t),
        weight: i === 0 ? 1 : draws.uniform(0.25, 0.8),
        unitSec: 0.02,
      });
    }
    const rumbles = draws.integer(0, 14);
    for (let i = 0; i < rumbles; i++) {
      canvas.sineGaussian({
        timeSec: draws.uniform(-1.9, 1.9),
        frequencyHz: draws.logUniform(11, 250),
        q: draws.uniform(8, 30),
        weight: draws.uniform(0.2, 0.8),
      });
    }
  },
};

/**
 * Compact binary inspiral as put in to test the detector: f ~ (t_c - t)^(-3/8)
 * up to the merger, chirp masses of 9 to 40 Msun; in whitened strain h(t) is
 * divided by the noise of Advanced LIGO. Maggiore 2008, eq. 4.20.
 */
export const chirp: GlitchClass = {
  name: 'Chirp',
  snrRange: [9, 35],
  paint(canvas, draws) {
    const chirpMass = draws.logUniform(9, 40);
    // f(t) = 134 Hz (1.21 Msun / Mc)^(5/8) (1 s / (tc - t))^(3/8).
    const scaleHz = 134 * (1.21 / chirpMass) ** (5 / 8);
    const topHz = Math.min(1200, 4400 / (2.3 * chirpMass) + draws.uniform(20, 120));
    const startSec = (scaleHz / 18) ** (8 / 3);
    const endSec = 0.01;
    const pitch = (t: number) => Math.min(topHz, scaleHz * Math.max(1e-4, endSec - t) ** (-3 / 8));
    // Strain rises as f^(2/3); what a search sees is that over the noise.
    const whitened = (hz: number) => hz ** (2 / 3) / Math.sqrt(aligoPsd(hz));
    let loudest = 0;
    for (let hz = 18; hz <= topHz; hz *= 1.1) loudest = Math.max(loudest, whitened(hz));
    canvas.track({
      fromSec: Math.max(-1.9, endSec - startSec),
      toSec: endSec + 0.012,
      frequencyHz: pitch,
      envelope: (t) => {
        const ringdown = t > endSec ? Math.exp(-(t - endSec) / 0.003) : 1;
        return (whitened(pitch(t)) / loudest) * ringdown;
      },
      weight: 1,
      unitSec: 0.03,
      phase: draws.uniform(0, 6.28),
    });
  },
};

/** Pairs of curves rising and falling like wings between 15 and 200 Hz. Zevin et al. 2017. */
export const pairedDoves: GlitchClass = {
  name: 'Paired_Doves',
  snrRange: [6, 20],
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
