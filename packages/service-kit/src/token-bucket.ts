import type { Clock } from './context.js';

export interface TokenBucketOptions {
  readonly perSecond: number;
  /** Size of the bucket; it starts full. */
  readonly burst: number;
  readonly clock: Clock;
}

export interface TokenBucket {
  /**
   * Takes `count` tokens or none.
   * @returns 0 when taken, else milliseconds until that many will be there. A
   *   request larger than the bucket is let through when the bucket is full.
   */
  take(count: number): number;
}

export function createTokenBucket({ perSecond, burst, clock }: TokenBucketOptions): TokenBucket {
  let tokens = burst;
  let refilledAtMs = clock.nowMs();
  return {
    take(count) {
      const nowMs = clock.nowMs();
      const elapsedMs = Math.max(0, nowMs - refilledAtMs);
      tokens = Math.min(burst, tokens + (elapsedMs / 1000) * perSecond);
      refilledAtMs = nowMs;
      const needed = Math.min(count, burst);
      if (tokens < needed) return Math.ceil(((needed - tokens) / perSecond) * 1000);
      tokens -= count;
      return 0;
    },
  };
}
