/** Something that is waited for until another part of the process has changed it and says so. */
export class Condition {
  readonly #waiting = new Set<() => void>();

  /** What is waited for may have come true. */
  notify(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Rejects with the signal's reason where that aborts first. */
  async until(isMet: () => boolean, signal: AbortSignal): Promise<void> {
    while (!isMet()) {
      signal.throwIfAborted();
      await this.#next(signal);
    }
  }

  #next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}
