/**
 * Wakes those who wait for a partition or a group to change: at once for changes of
 * this log, and by polling a counter for those of other processes. Nobody polls
 * while nobody waits.
 */
export class ChangeFeed {
  readonly #readVersion: () => number;
  readonly #pollIntervalMs: number;
  readonly #waiters = new Set<Waiter>();
  #timer: NodeJS.Timeout | undefined;
  #polled = -1;

  constructor(readVersion: () => number, pollIntervalMs: number) {
    this.#readVersion = readVersion;
    this.#pollIntervalMs = pollIntervalMs;
  }

  /** Starts to listen; look at the store after this and before `wait`, and no change is missed. */
  listen(names: readonly string[]): Listener {
    const waiter = new Waiter(names, () => this.#drop(waiter));
    this.#waiters.add(waiter);
    if (this.#timer === undefined) {
      this.#polled = -1;
      this.#timer = setInterval(() => this.#poll(), this.#pollIntervalMs);
      this.#timer.unref();
    }
    return waiter;
  }

  notify(names: readonly string[]): void {
    const changed = new Set(names);
    for (const waiter of this.#waiters) {
      if (waiter.names.some((name) => changed.has(name))) waiter.wake();
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const waiter of this.#waiters) waiter.wake();
    this.#waiters.clear();
  }

  #poll(): void {
    const version = this.#readVersion();
    if (version === this.#polled) return;
    this.#polled = version;
    for (const waiter of this.#waiters) waiter.wake();
  }

  #drop(waiter: Waiter): void {
    this.#waiters.delete(waiter);
    if (this.#waiters.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

export interface Listener {
  /** Resolves at the next change since the last call, when the signal aborts, or in time. */
  wait(signal: AbortSignal, timeoutMs?: number): Promise<void>;
  stop(): void;
}

class Waiter implements Listener {
  readonly names: readonly string[];
  readonly stop: () => void;
  #changed = false;
  #resolve: (() => void) | undefined;

  constructor(names: readonly string[], stop: () => void) {
    this.names = names;
    this.stop = stop;
  }

  wake(): void {
    this.#changed = true;
    this.#resolve?.();
  }

  async wait(signal: AbortSignal, timeoutMs?: number): Promise<void> {
    if (!this.#changed && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const finish = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', finish);
          this.#resolve = undefined;
          resolve();
        };
        const timer = timeoutMs === undefined ? undefined : setTimeout(finish, timeoutMs);
        this.#resolve = finish;
        signal.addEventListener('abort', finish);
      });
    }
    this.#changed = false;
  }
}
