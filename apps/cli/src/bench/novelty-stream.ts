import { createRng, type Rng } from '@glitchwatch/numerics';

const BLOCKS = 8;
/** Of the rows, as many come before the same one comes again. */
export const LEAST_GAP = 1 - 1 / BLOCKS;

/**
 * Pool rows without end, each once before any comes again. Only within an eighth of them
 * the order changes from one round to the next, so that repetitions are far apart: a real
 * glitch never comes twice, and the watch must not see that one here does.
 */
export class RowSupply {
  readonly #blocks: readonly (readonly number[])[];
  readonly #rng: Rng;
  #block = 0;
  #order: number[] = [];

  constructor(rows: readonly number[], rng: Rng) {
    const mixed = shuffled(rows, rng);
    const length = Math.ceil(mixed.length / BLOCKS);
    this.#blocks = Array.from({ length: BLOCKS }, (_, b) =>
      mixed.slice(b * length, (b + 1) * length),
    ).filter((block) => block.length > 0);
    this.#rng = rng;
  }

  next(): number {
    if (this.#order.length === 0)
      this.#order = shuffled(this.#blocks[this.#block++ % this.#blocks.length] ?? [], this.#rng);
    return this.#order.pop() ?? -1;
  }
}

export interface StreamOptions {
  readonly rows: readonly number[];
  readonly perDay: number;
  readonly days: number;
  readonly seed: number;
  /** Rows that come in besides, at a rate of their own, from a day on. */
  readonly injected?: {
    readonly rows: readonly number[];
    readonly perDay: number;
    readonly fromDay: number;
  };
}

export interface Arrival {
  readonly row: number;
  readonly atMs: number;
  readonly isInjected: boolean;
}

const DAY_MS = 86_400_000;

/** A Poisson process of glitches at simulated times. */
export function* arrivals({
  rows,
  perDay,
  days,
  seed,
  injected,
}: StreamOptions): Generator<Arrival> {
  const rng = createRng(seed);
  const supply = new RowSupply(rows, createRng(seed + 1));
  const injectedRng = createRng(seed + 2);
  const waiting = [...(injected?.rows ?? [])];
  const gap = (from: Rng, rate: number) => (-Math.log(1 - from.nextFloat()) / rate) * DAY_MS;
  const injectedPerDay = injected?.perDay ?? 1;
  let nextInjectedMs =
    injected === undefined
      ? Number.POSITIVE_INFINITY
      : injected.fromDay * DAY_MS + gap(injectedRng, injectedPerDay);
  for (let atMs = gap(rng, perDay); atMs < days * DAY_MS; atMs += gap(rng, perDay)) {
    while (nextInjectedMs < atMs) {
      const row = waiting.shift();
      if (row === undefined) nextInjectedMs = Number.POSITIVE_INFINITY;
      else {
        yield { row, atMs: Math.round(nextInjectedMs), isInjected: true };
        nextInjectedMs += gap(injectedRng, injectedPerDay);
      }
    }
    yield { row: supply.next(), atMs: Math.round(atMs), isInjected: false };
  }
}

export function shuffled(rows: readonly number[], rng: Rng): number[] {
  const result = [...rows];
  for (let i = result.length - 1; i > 0; i--) {
    const j = rng.nextInt(i + 1);
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
