import type { Canvas } from '../canvas.js';
import type { Draws } from '../draws.js';
import type { GlitchClass } from '../glitch-class.js';

/** One narrow oscillation of Gaussian shape at 60 Hz (US mains), sometimes with a harmonic. Zevin et al. 2017. */
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

/** A short thick stroke near 50 Hz that bends a little. Zevin et al. 2017. */
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

/** A thin line below 30 Hz that lasts a second or outlives the picture. Zevin et al. 2017. */
export const lowFrequencyLines: GlitchClass = {
  name: 'Low_Frequency_Lines',
  snrRange: [7.5, 22],
  paint(canvas, draws) {
    const lines = draws.chance(0.25) ? 2 : 1;
    for (let i = 0; i < lines; i++) {
      const frequencyHz = draws.logUniform(11.5, 28);
      const sigmaSec = draws.logUniform(0.35, 3);
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

/** A string of dots just above 1 kHz. Zevin et al. 2017. */
export const lines1080: GlitchClass = {
  name: '1080Lines',
  snrRange: [5.5, 12],
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

/** One short ripple, or a few, near 1.4 kHz. Zevin et al. 2017. */
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

function violinHarmonic(
  canvas: Canvas,
  draws: Draws,
  at: { readonly order: number; readonly atSec: number; readonly weight: number },
): void {
  canvas.sineGaussian({
    timeSec: at.atSec + draws.normal(0, 0.008),
    frequencyHz: draws.uniform(488, 518) * at.order,
    q: draws.logUniform(5, 45),
    weight: at.weight,
    phase: draws.uniform(0, 6.28),
  });
}

/**
 * Short spots at the violin modes, 500 Hz and harmonics, over a faint smudge
 * from tens of Hz up. Zevin et al. 2017; modes: Covas et al. 2018, PRD 97, 082002.
 */
export const violinMode: GlitchClass = {
  name: 'Violin_Mode',
  snrRange: [7, 26],
  paint(canvas, draws) {
    const strikes = draws.pick([1, 1, 2, 3]);
    for (let s = 0; s < strikes; s++) {
      const atSec = s === 0 ? 0 : draws.normal(0, 0.25);
      const strength = s === 0 ? 1 : draws.uniform(0.3, 0.8);
      violinHarmonic(canvas, draws, { order: 1, atSec, weight: strength * draws.uniform(0.4, 1) });
      for (const order of [2, 3]) {
        if (draws.chance(0.6)) {
          violinHarmonic(canvas, draws, { order, atSec, weight: strength * draws.uniform(0.3, 1) });
        }
      }
      const smudges = draws.integer(0, 5);
      for (let i = 0; i < smudges; i++) {
        canvas.sineGaussian({
          timeSec: atSec + draws.normal(0, 0.02),
          frequencyHz: draws.logUniform(20, 250),
          q: draws.uniform(3, 7),
          weight: strength * draws.uniform(0.35, 1),
          phase: draws.uniform(0, 6.28),
        });
      }
    }
  },
};
