import type { NumericsProgress } from '../options.js';

/** Wall seconds between laps; each lap is reported as a stage that is done. */
export class StageClock {
  readonly laps: Record<string, number> = {};
  readonly #onProgress: ((progress: NumericsProgress) => void) | undefined;
  #since = performance.now();

  constructor(onProgress?: (progress: NumericsProgress) => void) {
    this.#onProgress = onProgress;
  }

  lap(stage: string): void {
    const now = performance.now();
    this.laps[stage] = (this.laps[stage] ?? 0) + (now - this.#since) / 1000;
    this.#since = now;
    this.report(stage, 1);
  }

  report(stage: string, fraction: number): void {
    this.#onProgress?.({ stage, fraction });
  }
}
