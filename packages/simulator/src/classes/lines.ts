import type { Canvas } from '../canvas.js';
import type { Draws } from '../draws.js';
import type { GlitchClass } from '../glitch-class.js';

/** One narrow oscillation of Gaussian shape at 60 Hz, sometimes with a harmonic. */
export const powerLine: GlitchClass = {
  name: 'Power_Line',
  snrRange: [8, 40],
  paint(canvas, draws) {
    const frequencyHz = 60 + draws.normal(0, 0.4);
    const q = draws.uniform(25, 75);
    canvas.sineGaussian({ timeSec: 0, frequencyHz, q, weight: 1, phase: draws.uniform(0, 6.28) });
    if (draws.chance(0.25)) {
      canvas.sineGaussian({
        timeSec: draws.normal(0, 0.03),
        frequencyHz: frequencyHz * draws.pick([2, 3]),
        q: 2 * q,
        weight: draws.uniform(0.2, 0.5),
      });
    }
  },
};

/** A short thick stroke near 50 Hz that bends a little. */
export const airCompressor: GlitchClass = {
  name: 'Air_Compressor',
  snrRange: [9, 30],
  paint(canvas, draws) {
    const frequencyHz = draws.uniform(44, 54);
    const bendHz = draws.normal(0, 4);
    const sigmaSec = draws.uniform(0.05, 0.12);
    canvas.track({
      fromSec: -3.5 * sigmaSec,
      toSec: 3.5 * sigmaSec,
      frequencyHz: (t) => frequencyHz + bendHz * Math.tanh(t / sigmaSec),
      envelope: (t) => Math.exp(-0.5 * (t / sigmaSec) ** 2),
      weight: 1,
      unitSec: 1.8 * sigmaSec,
      phase: draws.uniform(0, 6.28),
    });
  },
};

/** A line below 30 Hz through most of the stretch. */
export const lowFrequencyLines: GlitchClass = {
  name: 'Low_Frequency_Lines',
  snrRange: [9, 26],
  paint(canvas, draws) {
    const lines = draws.chance(0.25) ? 2 : 1;
    for (let i = 0; i < lines; i++) {
      const frequencyHz = draws.logUniform(11.5, 28);
      // Longer, and the row's own median would hide it.
      const sigmaSec = draws.uniform(0.3, 0.6);
      const slowHz = draws.normal(0, 0.15);
      canvas.track({
        fromSec: -2,
        toSec: 2,
        frequencyHz: (t) => frequencyHz + slowHz * t,
        envelope: (t) => Math.exp(-0.5 * (t / sigmaSec) ** 2),
        weight: i === 0 ? 1 : draws.uniform(0.4, 0.9),
        unitSec: 0.7,
        phase: draws.uniform(0, 6.28),
      });
    }
  },
};

/** Dots along a line: strength flickers on a scale of tens of milliseconds. */
function flicker(draws: Draws, knotSec: number, quiet: number): (timeSec: number) => number {
  const knots = Array.from({ length: Math.ceil(4.2 / knotSec) + 2 }, () =>
    draws.chance(quiet) ? 0 : draws.uniform(0.4, 1),
  );
  return (timeSec) => {
    const x = Math.max(0, (timeSec + 2.05) / knotSec);
    const i = Math.min(knots.length - 2, Math.floor(x));
    return knots[i]! + (knots[i + 1]! - knots[i]!) * (x - i);
  };
}

/** A string of dots just above 1 kHz. */
export const lines1080: GlitchClass = {
  name: '1080Lines',
  snrRange: [7.5, 15],
  paint(canvas, draws) {
    const lines = draws.integer(1, 3);
    for (let i = 0; i < lines; i++) {
      const frequencyHz = draws.uniform(1040, 1110);
      const wanderHz = draws.uniform(0, 12);
      const periodSec = draws.uniform(0.1, 0.6);
      canvas.track({
        fromSec: -2,
        toSec: 2,
        frequencyHz: (t) => frequencyHz + wanderHz * Math.sin((2 * Math.PI * t) / periodSec),
        envelope: flicker(draws, draws.uniform(0.015, 0.05), draws.uniform(0.68, 0.85)),
        weight: i === 0 ? 1 : draws.uniform(0.4, 0.9),
        unitSec: 0.01,
      });
    }
    canvas.sineGaussian({ timeSec: 0, frequencyHz: 1080, q: 45, weight: 0.9 });
  },
};

/** One short ripple, or a few, near 1.4 kHz. */
export const ripples1400: GlitchClass = {
  name: '1400Ripples',
  snrRange: [8, 30],
  paint(canvas, draws) {
    const frequencyHz = draws.uniform(1250, 1650);
    const ripples = draws.pick([1, 1, 2, 3]);
    for (let i = 0; i < ripples; i++) {
      canvas.sineGaussian({
        timeSec: i === 0 ? 0 : draws.uniform(-0.1, 0.1),
        frequencyHz: frequencyHz * (i === 0 ? 1 : draws.uniform(0.96, 1.04)),
        q: draws.uniform(120, 600),
        weight: i === 0 ? 1 : draws.uniform(0.4, 0.9),
      });
    }
  },
};

function violinHarmonic(canvas: Canvas, draws: Draws, order: number, weight: number): void {
  canvas.sineGaussian({
    timeSec: draws.normal(0, 0.008),
    frequencyHz: draws.uniform(488, 518) * order,
    q: draws.logUniform(6, 45),
    weight,
    phase: draws.uniform(0, 6.28),
  });
}

/** Spots at 500 Hz and its harmonics over a faint low-frequency smudge. */
export const violinMode: GlitchClass = {
  name: 'Violin_Mode',
  snrRange: [8, 30],
  paint(canvas, draws) {
    violinHarmonic(canvas, draws, 1, draws.uniform(0.5, 1));
    for (const order of [2, 3]) {
      if (draws.chance(0.7)) {
        violinHarmonic(canvas, draws, order, draws.uniform(0.4, 1));
      }
    }
    const smudges = draws.integer(0, 3);
    for (let i = 0; i < smudges; i++) {
      canvas.sineGaussian({
        timeSec: draws.normal(0, 0.02),
        frequencyHz: draws.logUniform(25, 140),
        q: draws.uniform(3, 7),
        weight: draws.uniform(0.5, 1),
        phase: draws.uniform(0, 6.28),
      });
    }
  },
};
