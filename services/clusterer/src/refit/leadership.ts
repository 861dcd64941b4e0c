import { setTimeout as delay } from 'node:timers/promises';
import type { Lease, Leases } from '@glitchwatch/state-store';
import { Condition } from '../condition.js';
import { asError, ClustererError } from '../errors.js';

/** What a leader does between taking the lead and losing it. */
export interface Term {
  /** Resolves when nothing of it goes on any more. */
  stop(): Promise<void>;
}

export interface LeadershipOptions<T extends Term> {
  readonly leases: Leases;
  readonly name: string;
  readonly holder: string;
  readonly ttlMs: number;
  /** Resolves when the term has begun; `signal` aborts when it must end. */
  readonly begin: (signal: AbortSignal, lease: Lease) => Promise<T>;
  readonly onChange: (isLeader: boolean) => void;
  readonly onError: (code: string, error: Error) => void;
}

const LONGEST_POLL_MS = 1_000;

/**
 * One leader among the processes that stand for it, by a lease: it is renewed at a
 * third of its time to live. Who cannot renew it for two thirds steps down by its own
 * clock, before another can come.
 */
export class Leadership<T extends Term> {
  readonly #options: LeadershipOptions<T>;
  readonly #changed = new Condition();
  #term: T | undefined;
  #attempts = 0;

  constructor(options: LeadershipOptions<T>) {
    this.#options = options;
  }

  /** Undefined while another leads. */
  get term(): T | undefined {
    return this.#term;
  }

  /** Stands for the lead until `signal` aborts, and ends the term then. */
  async run(signal: AbortSignal): Promise<void> {
    const { ttlMs } = this.#options;
    const pollMs = Math.min(LONGEST_POLL_MS, ttlMs / 5);
    while (!signal.aborted) {
      const lease = await this.#acquire();
      if (lease !== undefined) await this.#lead(lease, signal);
      this.#attempted();
      await delay(pollMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Resolves when this process leads, or has found out that another does, or `signal` aborts. */
  async decided(signal: AbortSignal): Promise<void> {
    const isDecided = (): boolean => this.#term !== undefined || this.#attempts > 0;
    await this.#changed.until(isDecided, signal).catch(() => undefined);
  }

  /**
   * The term, once this process leads: waits out a holder that died.
   *
   * @throws ClustererError `lease_taken` where another leads for longer than that.
   */
  async awaitTerm(signal: AbortSignal): Promise<T> {
    const { ttlMs, name } = this.#options;
    const waitMs = 2 * ttlMs;
    const soon = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
    await this.#changed.until(() => this.#term !== undefined, soon).catch(() => undefined);
    if (this.#term !== undefined) return this.#term;
    throw new ClustererError(
      'lease_taken',
      `Lease ${name}: expected to get it within ${waitMs} ms, found another holder`,
    );
  }

  async #acquire(): Promise<Lease | undefined> {
    const { leases, name, holder, ttlMs, onError } = this.#options;
    try {
      return await leases.acquire(name, holder, ttlMs);
    } catch (thrown) {
      // The state store is away: asked again.
      onError('lease_acquisition', asError(thrown));
      return undefined;
    }
  }

  async #lead(lease: Lease, signal: AbortSignal): Promise<void> {
    const { begin, onChange, onError } = this.#options;
    const losing = new AbortController();
    const ending = AbortSignal.any([signal, losing.signal]);
    const renewal = this.#keep(lease, () => losing.abort());
    let term: T | undefined;
    try {
      term = await begin(ending, lease);
      this.#term = term;
      onChange(true);
      this.#changed.notify();
      await aborted(ending);
    } catch (thrown) {
      // What a leader needs is away; the lease is given back and asked for again.
      if (!ending.aborted) onError('lead_failed', asError(thrown));
    } finally {
      losing.abort();
      this.#term = undefined;
      onChange(false);
      await term?.stop();
      clearInterval(renewal);
      await this.#release(lease);
    }
  }

  #keep(lease: Lease, lose: () => void): NodeJS.Timeout {
    const { ttlMs, onError } = this.#options;
    let heldUntil = performance.now() + (2 * ttlMs) / 3;
    const renew = async (): Promise<void> => {
      const askedAt = performance.now();
      try {
        if (!(await lease.renew())) return lose();
        heldUntil = askedAt + (2 * ttlMs) / 3;
      } catch (thrown) {
        onError('lease_renewal', asError(thrown));
        if (performance.now() > heldUntil) lose();
      }
    };
    return setInterval(() => void renew(), ttlMs / 3);
  }

  async #release(lease: Lease): Promise<void> {
    try {
      await lease.release();
    } catch (thrown) {
      // It ends by itself after its time to live.
      this.#options.onError('lease_release', asError(thrown));
    }
  }

  #attempted(): void {
    this.#attempts++;
    this.#changed.notify();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
