import { poissonTail } from '@glitchwatch/numerics';

const MINUTE_MS = 60_000;
const WINDOW_MS = 20 * MINUTE_MS;
const DAY_MS = 86_400_000;

/**
 * The baseline: glitches that the model leaves without a family are counted over twenty
 * minutes, and as many as chance would give but so often a day are an alert. The share of
 * them among known kinds is told beforehand, from held-out glitches; then silence for a window.
 */
export class LabelCount {
  readonly #share: number;
  readonly #wantedPerDay: number;
  #unassignedMs: number[] = [];
  #cameMs: number[] = [];
  #quietUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: { readonly share: number; readonly wantedPerDay: number }) {
    this.#share = options.share;
    this.#wantedPerDay = options.wantedPerDay;
  }

  /** True where the glitch raises an alert. */
  watch(isUnassigned: boolean, atMs: number): boolean {
    this.#cameMs.push(atMs);
    if (this.#cameMs.length % 64 === 0) this.#cameMs = since(this.#cameMs, atMs - WINDOW_MS);
    if (!isUnassigned) return false;
    this.#unassignedMs = since([...this.#unassignedMs, atMs], atMs - WINDOW_MS);
    if (atMs < this.#quietUntilMs) return false;
    const p = poissonTail(this.#unassignedMs.length, this.#share * this.#cameMs.length);
    if ((p * DAY_MS) / WINDOW_MS > this.#wantedPerDay) return false;
    this.#quietUntilMs = atMs + WINDOW_MS;
    return true;
  }
}

function since(momentsMs: readonly number[], fromMs: number): number[] {
  return momentsMs.filter((atMs) => atMs > fromMs);
}
