import type { SimulatedGlitch } from '@glitchwatch/simulator';

export interface SimulationWorkerData {
  readonly seed: number;
  readonly classes: readonly string[];
}

/** Asks for the next `count` glitches; the answer carries the same `request`. */
export interface SimulationRequest {
  readonly request: number;
  readonly count: number;
  /** Replaces the classes that are drawn from now on. */
  readonly classes?: readonly string[] | undefined;
}

export interface SimulationAnswer {
  readonly request: number;
  readonly glitches: readonly SimulatedGlitch[];
}
