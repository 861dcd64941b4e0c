import { setImmediate as nextTurn } from 'node:timers/promises';

/** Longest stretch of one piece of work without a turn for others. */
const STRETCH_MS = 1;

/** Long work in the thread of live work asks this between its steps. */
export class Stretch {
  #fromMs = performance.now();

  /** Lets others have their turn where it is due. */
  async pause(): Promise<void> {
    if (performance.now() - this.#fromMs < STRETCH_MS) return;
    await nextTurn();
    this.#fromMs = performance.now();
  }
}
