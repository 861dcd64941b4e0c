import type { Trigger } from '@glitchwatch/proto';

/** Triggers whose strain has not come yet, oldest first; bounded in number and time. */
export interface WaitingTriggers {
  readonly size: number;
  add(trigger: Trigger, nowMs: number): void;
  /** Takes out those that are ready. */
  take(isReady: (trigger: Trigger) => boolean): Trigger[];
  /** Takes out those that have waited too long. */
  expire(nowMs: number): Trigger[];
  /** Takes out all. */
  drain(): Trigger[];
}

export interface WaitingTriggersOptions {
  readonly maxCount: number;
  readonly maxWaitMs: number;
  /** Gets the oldest where there are too many. */
  readonly onCrowdedOut: (trigger: Trigger) => void;
}

export function createWaitingTriggers(options: WaitingTriggersOptions): WaitingTriggers {
  const { maxCount, maxWaitMs, onCrowdedOut } = options;
  let waiting: { readonly trigger: Trigger; readonly sinceMs: number }[] = [];

  function takeOut(isTaken: (entry: (typeof waiting)[number]) => boolean): Trigger[] {
    const taken = waiting.filter(isTaken);
    if (taken.length > 0) waiting = waiting.filter((entry) => !taken.includes(entry));
    return taken.map(({ trigger }) => trigger);
  }

  return {
    get size() {
      return waiting.length;
    },
    add(trigger, nowMs) {
      waiting.push({ trigger, sinceMs: nowMs });
      if (waiting.length <= maxCount) return;
      const oldest = waiting.shift();
      if (oldest !== undefined) onCrowdedOut(oldest.trigger);
    },
    take: (isReady) => takeOut(({ trigger }) => isReady(trigger)),
    expire: (nowMs) => takeOut(({ sinceMs }) => nowMs - sinceMs >= maxWaitMs),
    drain: () => takeOut(() => true),
  };
}
