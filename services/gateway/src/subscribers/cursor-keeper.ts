import type { Clock } from '@glitchwatch/service-kit';
import type { GatewayConfig } from '../config.js';
import type { GatewayMetrics } from '../metrics.js';
import type { StateGuard } from '../shared/state-guard.js';
import { decodeStoredCursor, encodeStoredCursor } from './stored-cursor.js';

export const CURSOR_NAMESPACE = 'gateway.cursors';
/** A cursor that stands still is written again this often: it shows the name is in use, and mends an emptied store. */
const REFRESH_MS = 60_000;
const SWEEP_MS = 10 * 60_000;
/** A full store is looked through again at most this often. */
const FULL_SWEEP_MS = 10_000;

export type KeptCursor =
  | { readonly kind: 'found'; readonly cursor: string }
  | { readonly kind: 'none' | 'unavailable' | 'full' };

interface Sample {
  readonly cursor: string;
  readonly sinceMs: number;
}

interface Follower {
  readonly key: string;
  /** A cursor behind all that flow control has let go. */
  readonly position: () => string;
  /** Positions not old enough yet, oldest first. */
  readonly young: Sample[];
  settled: string;
  stored: string | undefined;
  storedAtMs: number;
}

export interface CursorKeeperParts {
  readonly guard: StateGuard;
  readonly clock: Clock;
  readonly config: GatewayConfig;
  readonly metrics: Pick<GatewayMetrics, 'cursorsStored'>;
}

/**
 * Keeps the cursors of named subscribers in the state store: written behind
 * delivery, all of a tick together, and only once a position has settled. How many
 * names are kept is bounded; those out of use are forgotten.
 */
export class CursorKeeper {
  private readonly followers = new Set<Follower>();
  private isWriting = false;
  private nNames = 0;
  private sweptAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: CursorKeeperParts) {}

  async find(key: string): Promise<KeptCursor> {
    const { guard, config } = this.parts;
    const answer = await guard.ask('read-cursor', ({ values }) =>
      values.get(CURSOR_NAMESPACE, key),
    );
    if (answer.kind === 'away') return { kind: 'unavailable' };
    const stored = answer.value === undefined ? undefined : decodeStoredCursor(answer.value);
    if (stored !== undefined) return { kind: 'found', cursor: stored.cursor };
    if (this.nNames >= config.maxNamedSubscribers) await this.sweep(FULL_SWEEP_MS);
    if (this.nNames >= config.maxNamedSubscribers) return { kind: 'full' };
    this.nNames += 1;
    return { kind: 'none' };
  }

  /** Keeps the cursor of one stream until its way out is called; what had not settled is not stored. */
  follow(key: string, position: () => string): () => void {
    const follower: Follower = {
      key,
      position,
      young: [],
      // Nothing before the start is owed to this stream.
      settled: position(),
      stored: undefined,
      storedAtMs: Number.NEGATIVE_INFINITY,
    };
    this.followers.add(follower);
    return () => this.followers.delete(follower);
  }

  async tick(): Promise<void> {
    // One that takes long is not overtaken by the next.
    if (this.isWriting) return;
    this.isWriting = true;
    try {
      const nowMs = performance.now();
      for (const follower of this.followers) this.settle(follower, nowMs);
      await Promise.all(
        [...this.followers].filter((one) => isDue(one, nowMs)).map((one) => this.write(one, nowMs)),
      );
      await this.sweep(SWEEP_MS);
    } finally {
      this.isWriting = false;
    }
  }

  private settle(follower: Follower, nowMs: number): void {
    const { young } = follower;
    const cursor = follower.position();
    const newest = young.at(-1)?.cursor ?? follower.settled;
    if (cursor !== newest) young.push({ cursor, sinceMs: nowMs });
    while (young[0] !== undefined && young[0].sinceMs <= nowMs - this.parts.config.cursorSettleMs) {
      follower.settled = young[0].cursor;
      young.shift();
    }
  }

  private async write(follower: Follower, nowMs: number): Promise<void> {
    const { guard, clock, metrics } = this.parts;
    const { key, settled } = follower;
    const value = encodeStoredCursor({ cursor: settled, atMs: clock.nowMs() });
    const answer = await guard.ask('store-cursor', ({ values }) =>
      values.set(CURSOR_NAMESPACE, key, value),
    );
    if (answer.kind === 'away') return;
    follower.stored = settled;
    follower.storedAtMs = nowMs;
    metrics.cursorsStored.inc();
  }

  /** Forgets names out of use, and the longest unused above the bound. */
  private async sweep(everyMs: number): Promise<void> {
    const { guard, clock, config } = this.parts;
    if (!guard.isShared || performance.now() - this.sweptAtMs < everyMs) return;
    this.sweptAtMs = performance.now();
    const answer = await guard.ask('list-cursors', ({ values }) =>
      values.entries(CURSOR_NAMESPACE),
    );
    if (answer.kind === 'away') return;
    const byAge = answer.value
      .map(([key, bytes]) => ({ key, atMs: decodeStoredCursor(bytes)?.atMs ?? 0 }))
      .sort((a, b) => b.atMs - a.atMs);
    const oldestMs = clock.nowMs() - config.subscriberExpiryMs;
    const gone = byAge.filter(
      ({ atMs }, index) => atMs < oldestMs || index >= config.maxNamedSubscribers,
    );
    for (const { key } of gone) {
      await guard.ask('delete-cursor', ({ values }) => values.delete(CURSOR_NAMESPACE, key));
    }
    this.nNames = byAge.length - gone.length;
  }
}

function isDue({ settled, stored, storedAtMs }: Follower, nowMs: number): boolean {
  return settled !== stored || nowMs - storedAtMs >= REFRESH_MS;
}
