import type { Arena } from './arena.js';
import { comparedBits, compareRounds, type Leaf, nearestPairs } from './leaf-pairs.js';
import { LATE_LEAF_ROWS, LEAF_ROWS, LEAF_SHIFT, splitRounds } from './leaf-tree.js';
import { principalSubspace, type Subspace } from './principal-subspace.js';
import { type SearchEffort, searchEffort } from './search-effort.js';
import type { ThreadPool } from './thread-pool.js';
import { type Round, ranges } from './work.js';

/** int16 per unit of length: centred unit rows reach 2, and 2 x 16,000 fits. */
const SCALE = 16_000;
const TWICE = Math.fround(2 / (SCALE * SCALE));
const WIDTH = 96;
const CHUNK = 1024;
const EMPTY_KEY = (0x7f800000n << 32n) | 0xffffffffn;
/** In the order of positions: no row. */
export const NO_ROW = 0xffffffff;
/** Leaves that a late leaf is compared with. */
const LATE_REACH = 28;

export interface SearchInput {
  /** Address of capacity x dim float32, unit length; dim a multiple of 8. */
  readonly rows: number;
  readonly dim: number;
  /** Most rows there will be. */
  readonly capacity: number;
  /** Neighbours wanted, the row itself counted. */
  readonly k: number;
  readonly seed: number;
}

/** Lists by position: rows near to one another have positions near to one another. */
export interface PositionNeighbours {
  /** Row of each position, NO_ROW for at most 7 in a row between leaves. */
  readonly order: Uint32Array;
  /** positions x k (int32), the position itself first, -1 for none. */
  readonly indices: Int32Array;
  /** positions x k cosine distances. */
  readonly distances: Float32Array;
}

/**
 * k nearest rows of each row by cosine distance: approximate in which rows are found,
 * exact in their distances.
 *
 * Rows are projected on the 96 widest directions and parted into leaves of 256; leaves
 * compare with near leaves, rows with neighbours of neighbours, and the best candidates
 * are ranked again by all columns. The squared distance for ranking takes the product in
 * the subspace but the lengths in full, which needs a third fewer candidates for the
 * same recall. Rows that come later make leaves of their own, which are compared with the
 * leaves there are; the lists on both sides take part.
 */
export class NeighbourSearch {
  readonly #pool: ThreadPool;
  readonly #arena: Arena;
  readonly #input: SearchInput;
  readonly #effort: SearchEffort;
  readonly #width: number;
  readonly #leaves: Leaf[] = [];
  readonly #late = new Set<Leaf>();
  readonly #order: Uint32Array;
  readonly #orderAt: number;
  readonly #packedAt: number;
  readonly #packedNormsAt: number;
  readonly #heapsAt: number;
  readonly #worstAt: number;
  #subspace: Subspace | undefined;
  #rows = 0;
  /** Positions in use, holes among them. */
  #positions = 0;
  /** Positions by the two widest directions, x and y. */
  readonly #plane: Int16Array;

  constructor(pool: ThreadPool, arena: Arena, input: SearchInput) {
    this.#pool = pool;
    this.#arena = arena;
    this.#input = input;
    this.#effort = searchEffort(input.capacity);
    this.#width = Math.min(WIDTH, input.dim);
    const room = Math.ceil(input.capacity / LEAF_ROWS) * LEAF_ROWS + 2 * LEAF_ROWS;
    const { candidates } = this.#effort;
    this.#orderAt = arena.allocate(4 * room);
    this.#packedAt = arena.allocate(2 * room * this.#width);
    this.#packedNormsAt = arena.allocate(4 * room);
    this.#heapsAt = arena.allocate(8 * room * candidates);
    this.#worstAt = arena.allocate(4 * room);
    this.#order = arena.uint32(this.#orderAt, room).fill(NO_ROW);
    this.#plane = new Int16Array(2 * room);
    arena.float32(this.#packedNormsAt, room).fill(Number.NaN);
    arena.uint64(this.#heapsAt, room * candidates).fill(EMPTY_KEY);
    arena.float32(this.#worstAt, room).fill(Number.POSITIVE_INFINITY);
  }

  get positions(): number {
    return this.#positions;
  }

  /** x, y of each position in the two widest directions. */
  get plane(): Int16Array {
    return this.#plane.subarray(0, 2 * this.#positions);
  }

  /** Takes the first n rows in, at least 512. */
  async build(n: number, onStage: (stage: string) => void): Promise<void> {
    const { rows, dim, seed } = this.#input;
    const pool = this.#pool;
    const arena = this.#arena;
    const width = this.#width;
    this.#subspace = await principalSubspace(pool, arena, { rows, n, dim, width, seed });
    await this.#takeIn(n, LEAF_ROWS, () => onStage('projection'));
    const leaves = this.#leaves;
    const pairs = nearestPairs(leaves, this.#effort.reach);
    onStage('leaves');
    await pool.run([
      this.#within(leaves),
      ...compareRounds(leaves, pairs, [...this.#lists, TWICE]),
    ]);
    onStage('comparison');
    const { bits, stride } = comparedBits(leaves.length, pairs);
    for (let pass = 0; pass < this.#effort.passes; pass++) {
      await this.#visit(0, bits, stride);
    }
  }

  /** Takes `added` more rows in. */
  async add(added: number, onStage: (stage: string) => void): Promise<void> {
    const before = this.#leaves.length;
    const first = Math.ceil(this.#positions / 8) * 8;
    await this.#takeIn(added, LATE_LEAF_ROWS, () => onStage('projection'));
    const leaves = this.#leaves;
    for (const leaf of leaves.slice(before)) this.#late.add(leaf);
    const pairs = nearestPairs(leaves, LATE_REACH, before);
    onStage('leaves');
    await this.#pool.run([
      this.#within(leaves.slice(before)),
      ...compareRounds(leaves, pairs, [...this.#lists, TWICE]),
    ]);
    onStage('comparison');
    // Late leaves are not numbered by position, so none counts as compared: lists know their own.
    const stride = Math.ceil(((this.#positions >> LEAF_SHIFT) + 1) / 8);
    const bits = new Uint8Array(((this.#positions >> LEAF_SHIFT) + 1) * stride);
    await this.#visit(first, bits, stride);
  }

  /** The lists by exact distance; the arena's caller takes their memory back. */
  async rank(): Promise<PositionNeighbours> {
    const { rows, dim, k } = this.#input;
    const arena = this.#arena;
    const count = this.#positions;
    const indicesAt = arena.allocate(4 * count * k);
    const distancesAt = arena.allocate(4 * count * k);
    const { candidates } = this.#effort;
    const filled = this.#filledRanges();
    await this.#pool.run([
      {
        kernel: 'nearestExactly',
        common: [
          rows,
          dim,
          this.#orderAt,
          this.#heapsAt,
          candidates,
          k - 1,
          indicesAt,
          distancesAt,
        ],
        varying: filled,
        perCall: 2,
      },
    ]);
    return {
      order: this.#order.subarray(0, count),
      indices: arena.int32(indicesAt, count * k),
      distances: arena.float32(distancesAt, count * k),
    };
  }

  get #lists(): number[] {
    return [
      this.#packedAt,
      this.#width,
      this.#packedNormsAt,
      this.#heapsAt,
      this.#effort.candidates,
      this.#worstAt,
    ];
  }

  #within(leaves: readonly Leaf[]): Round {
    return {
      kernel: 'compareWithin',
      common: [...this.#lists, TWICE],
      varying: Float64Array.from(leaves.flatMap(({ at, rows }) => [at, rows])),
      perCall: 2,
    };
  }

  /** Projects `count` rows, gives them positions by leaves and packs them. */
  async #takeIn(count: number, leafRows: number, onProjected: () => void): Promise<void> {
    const { rows, dim } = this.#input;
    const pool = this.#pool;
    const arena = this.#arena;
    const width = this.#width;
    const { basis, mean, meanSquared, shift } = this.#subspace!;
    const first = Math.ceil(this.#positions / 8) * 8;
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
        scratch: this.#scratch(4 * CHUNK * width),
      },
    ]);
    onProjected();
    const orderAt = arena.allocate(4 * count);
    const order = arena.uint32(orderAt, count);
    for (let i = 0; i < count; i++) order[i] = i;
    const split = [orderAt, quantisedAt, width, arena.allocate(4 * count)];
    const packed = this.#packedAt + 2 * first * width;
    const packedNorms = this.#packedNormsAt + 4 * first;
    const padded = Math.ceil(count / 8) * 8;
    await pool.run([
      ...splitRounds(count, leafRows, split, this.#scratch(16 * width)),
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
      this.#leaves.push({ at: first + from, rows: Math.ceil((to - from) / 8) * 8, centroid });
    }
    for (let p = 0; p < count; p++) {
      const row = order[p]!;
      this.#order[first + p] = this.#rows + row;
      this.#plane[2 * (first + p)] = quantised[row * width]!;
      this.#plane[2 * (first + p) + 1] = quantised[row * width + 1]!;
    }
    this.#rows += count;
    this.#positions = first + count;
    arena.release(mark);
  }

  /** Offers positions from `from` on the neighbours of their neighbours. */
  async #visit(from: number, bits: Uint8Array, stride: number): Promise<void> {
    const arena = this.#arena;
    const count = this.#positions;
    const { k } = this.#input;
    const { candidates } = this.#effort;
    const mark = arena.mark();
    const nearestAt = arena.allocate(4 * count * k);
    const comparedAt = arena.allocate(bits.length);
    arena.bytes(comparedAt, bits.length).set(bits);
    await this.#pool.run([
      {
        kernel: 'snapshotNearest',
        common: [this.#heapsAt, candidates, nearestAt, k],
        varying: ranges(0, count, CHUNK),
        perCall: 2,
        scratch: this.#scratch(8 * candidates),
      },
      {
        kernel: 'visitNeighboursOfNeighbours',
        common: [...this.#lists, TWICE, nearestAt, k, comparedAt, stride, LEAF_SHIFT],
        varying: ranges(from, count, LEAF_ROWS),
        perCall: 2,
      },
    ]);
    arena.release(mark);
  }

  /**
   * Positions that have rows, in an order that keeps near ones near: late leaves come
   * behind the early leaf that is nearest to them.
   */
  vertices(): Uint32Array {
    const early = this.#leaves.filter((leaf) => !this.#late.has(leaf));
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
  #filledRanges(): Float64Array {
    return Float64Array.from(
      this.#leaves.flatMap(({ at, rows }) => {
        let end = at + rows;
        while (this.#order[end - 1] === NO_ROW) end--;
        return [at, end];
      }),
    );
  }

  #scratch(bytesPerThread: number): NonNullable<Round['scratch']> {
    // Taken back with the marks of the callers.
    const padded = Math.ceil(bytesPerThread / 64) * 64;
    return { at: this.#arena.allocate(padded * this.#pool.threads), bytesPerThread: padded };
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
