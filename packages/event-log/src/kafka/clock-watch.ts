const LOOK_EVERY_MS = 500;
/** Smaller steps, as time servers make them, put a heartbeat off by no more than this. */
const LEAST_STEP_MS = 1_000;

export interface ClockWatchOptions {
  /** Told once, with the milliseconds by which the wall clock was set back. */
  readonly onSetBack: (byMs: number) => void | Promise<void>;
  readonly wallMs?: () => number;
  readonly monotonicMs?: () => number;
}

/**
 * Notices that the wall clock was set back. kafkajs counts from its last heartbeat by
 * that clock: set back by an hour it sends none for an hour, and the group puts the
 * member out after every session. Returns the way to stop looking.
 */
export function watchClock({
  onSetBack,
  wallMs = Date.now,
  monotonicMs = () => performance.now(),
}: ClockWatchOptions): () => void {
  let ahead = wallMs() - monotonicMs();
  const timer = setInterval(() => {
    const now = wallMs() - monotonicMs();
    const byMs = ahead - now;
    // Forward, and small steps back that add up slowly, do no harm.
    ahead = now;
    if (byMs < LEAST_STEP_MS) return;
    clearInterval(timer);
    void onSetBack(byMs);
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
