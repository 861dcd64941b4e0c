/** Plain twin of assembly/descend-epoch.ts, to the bit: every step in float32. */

const { fround } = Math;
const CELLS = 2560;

export interface Part {
  readonly offsets: readonly number[];
  readonly tails: readonly number[];
  readonly every: readonly number[];
  /** Changed. */
  readonly due: number[];
  /** Changed: x, y of each vertex. */
  readonly places: number[];
  /** x, y of what others are drawn from: `places` itself, or some places as they were. */
  readonly pool: number[];
  readonly tables: Float32Array;
  readonly rate: number;
  /** Heads [from, to) of this call. */
  readonly from: number;
  readonly to: number;
  /** So many from `own` on are the part's, behind the last vertex the first again. */
  readonly own: number;
  readonly owned: number;
  /** Changed. */
  random: bigint;
}

type Step = readonly [x: number, y: number];

export function descendEpoch(part: Part, epoch: number, alpha: number): void {
  for (let head = part.from; head < part.to; head++) {
    for (let e = part.offsets[head]!; e < part.offsets[head + 1]!; e++) {
      // Edges are looked at by fours, but none becomes due by a step of another.
      if (part.due[e]! > epoch) continue;
      const pushes = pushesOf(part, e, epoch);
      part.due[e] = fround(part.due[e]! + part.every[e]!);
      pull(part, head, part.tails[e]!, pushes, fround(alpha));
    }
  }
}

function pushesOf({ due, every, rate }: Part, edge: number, epoch: number): number {
  const interval = every[edge]!;
  const untilEpoch = (t: number) => Math.floor(fround(fround(rate * t) / interval));
  const before = untilEpoch(Math.ceil(fround(due[edge]! - interval)));
  return Math.max(0, untilEpoch(epoch) - Math.max(1, before));
}

function pull(part: Part, head: number, tail: number, count: number, alpha: number): void {
  const { places, tables } = part;
  const n = places.length / 2;
  const isOwn = (tail - part.own + n) % n < part.owned;
  const there = placeOf(places, tail);
  const pulled = gradient(part, head, there, tables.subarray(0, CELLS));
  const k = isOwn ? 1 : 2;
  const pushes = Array.from({ length: count }, () =>
    gradient(part, head, draw(part), tables.subarray(CELLS)),
  );
  for (const c of [0, 1] as const) {
    // The kernel adds two columns of steps: the pull and the second of each pair, or the first.
    let even = 0;
    let odd = 0;
    for (let r = 1; r < pushes.length; r += 2) {
      even = fround(even + pushes[r]![c]);
      odd = fround(odd + (pushes[r + 1]?.[c] ?? 0));
    }
    even = fround(even + fround(k * pulled[c]));
    odd = fround(odd + (pushes[0]?.[c] ?? 0));
    const at = 2 * head + c;
    places[at] = fround(places[at]! + fround(alpha * fround(even + odd)));
    if (isOwn) places[2 * tail + c] = fround(places[2 * tail + c]! - fround(alpha * pulled[c]));
  }
}

function gradient({ places }: Part, head: number, [x, y]: Step, table: Float32Array): Step {
  const dx = fround(places[2 * head]! - x);
  const dy = fround(places[2 * head + 1]! - y);
  const squared = fround(fround(dx * dx) + fround(dy * dy));
  const coefficient = table[cellOf(squared)]!;
  return [clip(fround(coefficient * dx)), clip(fround(coefficient * dy))];
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** 64 cells from one power of two to the next, from 2^-24 on. */
export function cellOf(squared: number): number {
  float[0] = squared;
  return Math.max(0, Math.min(CELLS - 1, (bits[0]! >>> 17) - ((127 - 24) << 6)));
}

function clip(value: number): number {
  return Math.max(-4, Math.min(4, value));
}

function draw(part: Part): Step {
  part.random = BigInt.asUintN(64, part.random * 6364136223846793005n + 1442695040888963407n);
  const pooled = BigInt(part.pool.length / 2);
  return placeOf(part.pool, Number(((part.random >> 32n) * pooled) >> 32n));
}

function placeOf(places: readonly number[], vertex: number): Step {
  return [places[2 * vertex]!, places[2 * vertex + 1]!];
}

/** Plain twin of assembly/sample-places.ts. */
export function samplePlaces(
  step: number,
  count: number,
  first: number,
  places: readonly number[],
): number[] {
  return Array.from({ length: count }, (_, i) => placeOf(places, first + i * step)).flat();
}
