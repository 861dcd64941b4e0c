import type { Glitch } from '@glitchwatch/proto';
import {
  createSimulator,
  noveltyClass,
  type SimulatedGlitch,
  shiftedGlitch,
} from '@glitchwatch/simulator';
import { asGlitch } from '../../fixtures/many-glitches.js';

const known = ['Koi_Fish', 'Scattered_Light', 'Power_Line'];
/** Kinds that come up in the course of a night, so that alerts are raised all along. */
const later = [noveltyClass, 'Whistle', 'Helix', 'Repeating_Blips', 'Paired_Doves', 'Chirp'];
const BASES_PER_KIND = 8;
const PER_NEW_KIND = 90;
/** Of ten glitches in a row, so many are of the kind that is new at the time. */
const NEW_OF_TEN = 2;

/**
 * Glitches without end: first `quiet` of three kinds, then among them always one
 * kind that was not there before. Each is another glitch; the pictures are eight
 * of a kind, moved by a few columns.
 */
export class Night {
  readonly #quiet: number;
  readonly #simulator: ReturnType<typeof createSimulator>;
  readonly #bases = new Map<string, SimulatedGlitch[]>();
  #index = 0;

  constructor(options: { readonly quiet: number; readonly seed: number }) {
    this.#quiet = options.quiet;
    this.#simulator = createSimulator({ seed: options.seed });
  }

  next(): Glitch {
    const index = this.#index++;
    const turn = Math.floor(index / BASES_PER_KIND);
    const columns = turn % 2 === 0 ? turn % 7 : -(turn % 7);
    return asGlitch(shiftedGlitch(this.#base(this.#kindOf(index), index), columns), index);
  }

  take(count: number): Glitch[] {
    return Array.from({ length: count }, () => this.next());
  }

  #kindOf(index: number): string {
    const since = index - this.#quiet;
    if (since >= 0 && since % 10 < NEW_OF_TEN)
      return later[Math.floor(since / PER_NEW_KIND) % later.length]!;
    return known[index % known.length]!;
  }

  #base(kind: string, index: number): SimulatedGlitch {
    const bases = this.#bases.get(kind) ?? [];
    this.#bases.set(kind, bases);
    if (bases.length < BASES_PER_KIND) {
      const made = this.#simulator.next({ className: kind });
      bases.push(made);
      return made;
    }
    return bases[index % BASES_PER_KIND]!;
  }
}
