import type { SimulatedGlitch } from '@glitchwatch/simulator';

export interface SimulationWorkerData {
  readonly seed: number;
  /** Undefined: all classes. */
  readonly classes: readonly string[] | undefined;
}

/** Asks for one glitch per entry, of the class named or of any; answered in order. */
export interface SimulationRequest {
  readonly classNames: readonly (string | undefined)[];
}

export interface SimulationAnswer {
  readonly glitches: readonly SimulatedGlitch[];
}
