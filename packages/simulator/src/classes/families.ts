import { createRng } from '@glitchwatch/numerics';
import type { Canvas } from '../canvas.js';
import { createDraws, type Draws } from '../draws.js';
import type { GlitchClass } from '../glitch-class.js';

/** What all members of an invented family share. */
interface Recipe {
  readonly parts: readonly Part[];
  readonly repeats: number;
  readonly gapSec: number;
  readonly regular: boolean;
}

interface Part {
  readonly kind: 'wavelet' | 'pulse' | 'track' | 'arch' | 'clump';
  readonly offsetSec: number;
  readonly frequencyHz: number;
  readonly q: number;
  readonly octaves: number;
  readonly lengthSec: number;
  readonly bend: number;
  readonly weight: number;
}

function drawPart(draws: Draws, first: boolean): Part {
  const lengthSec = draws.logUniform(0.03, 2.5);
  return {
    kind: draws.pick(['wavelet', 'wavelet', 'pulse', 'track', 'arch', 'clump']),
    offsetSec: first ? 0 : draws.normal(0, 1) * draws.pick([0.02, 0.08, 0.3]),
    frequencyHz: draws.logUniform(14, 1500),
    q: draws.logUniform(3, 60),
    octaves: draws.uniform(0.2, 2.2),
    lengthSec,
    bend: draws.uniform(0.5, 2),
    weight: first ? 1 : draws.logUniform(0.3, 1),
  };
}

function drawRecipe(draws: Draws): Recipe {
  const count = draws.pick([1, 1, 2, 2, 3, 4]);
  return {
    parts: Array.from({ length: count }, (_, i) => drawPart(draws, i === 0)),
    repeats: draws.pick([0, 0, 0, 1, 3, 8]),
    gapSec: draws.logUniform(0.06, 0.8),
    regular: draws.chance(0.5),
  };
}

function paintPart(canvas: Canvas, draws: Draws, part: Part, atSec: number, weight: number): void {
  const timeSec = atSec + part.offsetSec * draws.uniform(0.8, 1.2);
  const frequencyHz = Math.min(1900, part.frequencyHz * 2 ** draws.normal(0, 0.08));
  const lengthSec = part.lengthSec * 2 ** draws.normal(0, 0.2);
  const octaves = part.octaves * draws.uniform(0.85, 1.15);
  const q = part.q * 2 ** draws.normal(0, 0.2);
  const phase = draws.uniform(0, 6.28);
  switch (part.kind) {
    case 'wavelet':
      canvas.sineGaussian({ timeSec, frequencyHz, q, weight, phase });
      break;
    case 'pulse':
      canvas.pulse({
        timeSec,
        frequencyHz,
        octavesBelow: 0.4 + 0.3 * octaves,
        octavesAbove: 0.4 + 0.5 * octaves,
        weight,
      });
      break;
    case 'clump':
      for (let i = 0; i < 12; i++) {
        canvas.sineGaussian({
          timeSec: timeSec + draws.normal(0, lengthSec / 4),
          frequencyHz: Math.min(1900, frequencyHz * 2 ** draws.normal(0, octaves / 4)),
          q: Math.min(q, 15),
          weight: weight * draws.uniform(0.4, 1),
          phase: draws.uniform(0, 6.28),
        });
      }
      break;
    case 'track':
    case 'arch': {
      const half = lengthSec / 2;
      const x = (t: number) => Math.max(-1, Math.min(1, (t - timeSec) / half));
      canvas.track({
        fromSec: timeSec - half,
        toSec: timeSec + half,
        frequencyHz: (t) =>
          frequencyHz *
          2 **
            (part.kind === 'track'
              ? octaves * Math.sign(part.bend - 1) * x(t) * Math.abs(x(t)) ** (part.bend - 0.5)
              : octaves * (part.bend > 1.2 ? -1 : 1) * (Math.abs(x(t)) ** (1 + part.bend) - 0.5)),
        envelope: (t) => Math.cos((Math.PI / 2) * x(t)) ** 0.5,
        weight,
        unitSec: Math.min(lengthSec, 0.05 + 4 / frequencyHz),
        phase,
      });
      break;
    }
    default:
      part.kind satisfies never;
  }
}

function paintRecipe(canvas: Canvas, draws: Draws, recipe: Recipe): void {
  for (let k = -recipe.repeats; k <= recipe.repeats; k++) {
    const jitter = k === 0 ? 0 : draws.normal(0, recipe.regular ? 0.04 : 0.35);
    const atSec = (k + jitter) * recipe.gapSec;
    if (Math.abs(atSec) > 2.2) continue;
    const loudness = k === 0 ? 1 : draws.uniform(0.5, 1);
    for (const part of recipe.parts) {
      paintPart(canvas, draws, part, atSec, loudness * part.weight * draws.uniform(0.8, 1.2));
    }
  }
}

/**
 * A family that no detector has: its number settles what its members share.
 * They teach a network to tell apart shapes that have no name.
 */
export function inventedFamily(index: number): GlitchClass {
  const recipe = drawRecipe(createDraws(createRng(7_919 * (index + 1))));
  return {
    name: `Invented_${index}`,
    snrRange: [8, 60],
    paint: (canvas, draws) => paintRecipe(canvas, draws, recipe),
  };
}

/** Anything else: a shape of its own every time. */
export const noneOfTheAbove: GlitchClass = {
  name: 'None_of_the_Above',
  snrRange: [9, 120],
  paint(canvas, draws) {
    paintRecipe(canvas, draws, drawRecipe(draws));
    if (draws.chance(0.5)) paintRecipe(canvas, draws, drawRecipe(draws));
  },
};
