/** A ring around a point that has just come. */
export interface Pulse {
  readonly index: number;
  readonly startMs: number;
  readonly lengthMs: number;
  /** Does not grow: for those who asked for less motion. */
  readonly still: boolean;
}

const LENGTH_MS = 2_600;
const STILL_LENGTH_MS = 6_000;
const MAX_PULSES = 150;

/** The rings at present; a burst keeps the newest. */
export class Pulses {
  private live: Pulse[] = [];

  constructor(private readonly still: boolean) {}

  add(indices: readonly number[], nowMs: number): void {
    const lengthMs = this.still ? STILL_LENGTH_MS : LENGTH_MS;
    const added = indices
      .slice(-MAX_PULSES)
      .map((index) => ({ index, startMs: nowMs, lengthMs, still: this.still }));
    this.live = [...this.live, ...added].slice(-MAX_PULSES);
  }

  at(nowMs: number): readonly Pulse[] {
    this.live = this.live.filter(({ startMs, lengthMs }) => nowMs - startMs < lengthMs);
    return this.live;
  }

  /** Indices have lost their meaning. */
  clear(): void {
    this.live = [];
  }
}
