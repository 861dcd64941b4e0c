import type { PlannedGlitch, SimulatedGlitch } from '@glitchwatch/simulator';

export interface SimulationWorkerData {
  readonly seed: number;
  /** Undefined: all classes. */
  readonly classes: readonly string[] | undefined;
}

/** Asks for one glitch per entry; answered in order. */
export interface SimulationRequest {
  readonly plans: readonly SimulationPlan[];
}

export interface SimulationPlan {
  readonly n: number;
  readonly choice: Partial<PlannedGlitch['choice']>;
}

export interface SimulationAnswer {
  readonly glitches: readonly SimulatedGlitch[];
}
