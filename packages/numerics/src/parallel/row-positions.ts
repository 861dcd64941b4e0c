import type { Arena } from './arena.js';
import type { Leaf } from './leaf-pairs.js';
import { LEAF_ROWS, splitRounds } from './leaf-tree.js';
import { principalSubspace, type Subspace } from './principal-subspace.js';
import type { ThreadPool } from './thread-pool.js';
import { ranges, scratchFor } from './work.js';

/** int16 per unit of length: centred unit rows reach 2, and 2 x 16,000 fits. */
const SCALE = 16_000;
/** What a product of packed values is multiplied by to be twice that of the rows. */
export const TWICE = Math.fround(2 / (SCALE * SCALE));
const CHUNK = 1024;
/** In the order of positions: no row. */
export const NO_ROW = 0xffffffff;

export interface RowPositionsInput {
  /** Address of capacity x dim float32, unit length; dim a multiple of 8. */
  readonly rows: number;
  readonly dim: number;
  /** Most rows there will be. */
  readonly capacity: number;
  readonly seed: number;
  /** Widest directions taken, at most all; and how many rows say which they are. */
  readonly width: number;
  readonly sampleRows: number;
}

/**
 * Rows by positions: projected on the widest directions, parted into leaves of near
 * rows and packed leaf by leaf, so that near rows have near positions. Rows that come
 * later make leaves of their own.
 */
export class RowPositions {
  readonly leaves: Leaf[] = [];
  readonly width: number;
  /** positions x width int16, and their squared lengths (float32, NaN where no row is). */
  readonly packedAt: number;
  readonly packedNormsAt: number;
  /** Address of `order`. */
  readonly orderAt: number;
  readonly #pool: ThreadPool;
  readonly #arena: Arena;
  readonly #input: RowPositionsInput;
  readonly #late = new Set<Leaf>();
  readonly #order: Uint32Array;
  /** Positions by the two widest directions, x and y. */
  readonly #plane: Int16Array;
  #subspace: Subspace | undefined;
  #rows = 0;
  /** Positions in use, holes among them. */
  #count = 0;

  /** @param room positions for all leaves, filled up to 8 rows each. */
  constructor(pool: ThreadPool, arena: Arena, input: RowPositionsInput, room: number) {
    this.#pool = pool;
    this.#arena = arena;
    this.#input = input;
    this.width = Math.min(input.width, input.dim);
    this.orderAt = arena.allocate(4 * room);
    this.packedAt = arena.allocate(2 * room * this.width);
    this.packedNormsAt = arena.allocate(4 * room);
    this.#order = arena.uint32(this.orderAt, room).fill(NO_ROW);
    this.#plane = new Int16Array(2 * room);
    arena.float32(this.packedNormsAt, room).fill(Number.NaN);
  }

  get count(): number {
    return this.#count;
  }

  /** Row of each position, NO_ROW for at most 7 in a row between leaves. */
  get order(): Uint32Array {
    return this.#order.subarray(0, this.#count);
  }

  /** x, y of each position in the two widest directions. */
  get plane(): Int16Array {
    return this.#plane.subarray(0, 2 * this.#count);
  }

  /** Takes the first n rows in, which say what the widest directions are. */
  async begin(n: number, onProjected: () => void): Promise<void> {
    const { rows, dim, sampleRows, seed } = this.#input;
    const { width } = this;
    const among = { rows, n, dim, width, sampleRows, seed };
    this.#subspace = await principalSubspace(this.#pool, this.#arena, among);
    await this.#takeIn(n, LEAF_ROWS, onProjected);
  }

  /** Takes `added` more rows in, by leaves of `leafRows`; returns the first position of theirs. */
  async add(added: number, leafRows: number, onProjected: () => void): Promise<number> {
    const before = this.leaves.length;
    const first = Math.ceil(this.#count / 8) * 8;
    await this.#takeIn(added, leafRows, onProjected);
    for (const leaf of this.leaves.slice(before)) this.#late.add(leaf);
    return first;
  }

  /** Projects `count` rows, gives them positions by leaves and packs them. */
  async #takeIn(count: number, leafRows: number, onProjected: () => void): Promise<void> {
    const { rows, dim } = this.#input;
    const pool = this.#pool;
    const arena = this.#arena;
    const { width } = this;
    const { basis, mean, meanSquared, shift } = this.#subspace!;
    const first = Math.ceil(this.#count / 8) * 8;
    const mark = arena.mark();
    const quantisedAt = arena.allocate(2 * count * width);
    const normsAt = arena.allocate(4 * count);
    const own = rows + 4 * this.#rows * dim;
    await pool.run([
      {
        kernel: 'projectRows',
        common: [
          ...[own, dim, basis, width, mean, meanSquared, shift, SCALE],
          ...[quantisedAt, normsAt],
        ],
        varying: ranges(0, count, CHUNK),
        perCall: 2,
        scratch: scratchFor(arena, pool.threads, 4 * CHUNK * width),
      },
    ]);
    onProjected();
    const orderAt = arena.allocate(4 * count);
    const order = arena.uint32(orderAt, count);
    for (let i = 0; i < count; i++) order[i] = i;
    const split = [orderAt, quantisedAt, width, arena.allocate(4 * count)];
    const packed = this.packedAt + 2 * first * width;
    const packedNorms = this.packedNormsAt + 4 * first;
    const padded = Math.ceil(count / 8) * 8;
    await pool.run([
      ...splitRounds(count, leafRows, split, scratchFor(arena, pool.threads, 16 * width)),
      {
        kernel: 'packRows',
        common: [orderAt, count, quantisedAt, width, normsAt, packed, packedNorms],
        varying: ranges(0, padded, LEAF_ROWS),
        perCall: 2,
      },
    ]);
    const quantised = arena.int16(quantisedAt, count * width);
    for (let from = 0; from < count; from += leafRows) {
      const to = Math.min(count, from + leafRows);
      const centroid = centroidOf(quantised, order.subarray(from, to), width);
      this.leaves.push({ at: first + from, rows: Math.ceil((to - from) / 8) * 8, centroid });
    }
    for (let p = 0; p < count; p++) {
      const row = order[p]!;
      this.#order[first + p] = this.#rows + row;
      this.#plane[2 * (first + p)] = quantised[row * width]!;
      this.#plane[2 * (first + p) + 1] = quantised[row * width + 1]!;
    }
    this.#rows += count;
    this.#count = first + count;
    arena.release(mark);
  }

  /**
   * Positions that have rows, in an order that keeps near ones near: late leaves come
   * behind the early leaf that is nearest to them.
   */
  vertices(): Uint32Array {
    const early = this.leaves.filter((leaf) => !this.#late.has(leaf));
    const behind = new Map<Leaf, Leaf[]>(early.map((leaf) => [leaf, [leaf]]));
    for (const leaf of this.#late) behind.get(nearestTo(leaf, early))?.push(leaf);
    const out = new Uint32Array(this.#rows);
    let end = 0;
    for (const leaves of behind.values()) {
      for (const { at, rows } of leaves) {
        for (let p = at; p < at + rows; p++) if (this.#order[p] !== NO_ROW) out[end++] = p;
      }
    }
    return out;
  }

  /** Ranges of positions that have rows, a leaf or less each. */
  filledRanges(): Float64Array {
    return Float64Array.from(
      this.leaves.flatMap(({ at, rows }) => {
        let end = at + rows;
        while (this.#order[end - 1] === NO_ROW) end--;
        return [at, end];
      }),
    );
  }
}

function nearestTo({ centroid }: Leaf, leaves: readonly Leaf[]): Leaf {
  let nearest = leaves[0]!;
  let least = Number.POSITIVE_INFINITY;
  for (const leaf of leaves) {
    const d = leaf.centroid.reduce((sum, value, c) => sum + (value - centroid[c]!) ** 2, 0);
    if (d >= least) continue;
    least = d;
    nearest = leaf;
  }
  return nearest;
}

function centroidOf(quantised: Int16Array, rows: Uint32Array, width: number): Float32Array {
  const sums = new Float64Array(width);
  for (const row of rows) {
    const at = row * width;
    for (let c = 0; c < width; c++) sums[c]! += quantised[at + c]!;
  }
  return Float32Array.from(sums, (sum) => sum / rows.length);
}
