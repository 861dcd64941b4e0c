/** Holds loops back while closed: pause and resume. */
export class Gate {
  #open = true;
  readonly #waiting = new Set<() => void>();

  close(): void {
    this.#open = false;
  }

  open(): void {
    this.#open = true;
    for (const resolve of this.#waiting) resolve();
  }

  /** Resolves when the gate is open or the signal aborts. */
  async pass(signal: AbortSignal): Promise<void> {
    while (!this.#open && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const finish = (): void => {
          this.#waiting.delete(finish);
          signal.removeEventListener('abort', finish);
          resolve();
        };
        this.#waiting.add(finish);
        signal.addEventListener('abort', finish);
      });
    }
  }
}
