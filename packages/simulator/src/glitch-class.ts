import type { Canvas } from './canvas.js';
import type { Draws } from './draws.js';

/** One morphology: a name and how its components are drawn. */
export interface GlitchClass {
  /** As Gravity Spy spells it, where it has the class. */
  readonly name: string;
  /** Range of the loudest component's matched-filter SNR; drawn uniformly in the logarithm. */
  readonly snrRange: readonly [number, number];
  /** False: may stay below what a search reports. */
  readonly detectable?: boolean;
  /** How often it is so loud that it spoils the whitening and darkens its own picture; default never. */
  readonly darkening?: number;
  /** Paints one glitch about time 0, its loudest component with weight 1. */
  paint(canvas: Canvas, draws: Draws): void;
}
