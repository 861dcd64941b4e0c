import type { Arena } from './arena.js';
import { comparedBits, compareRounds, type Leaf, nearestPairs } from './leaf-pairs.js';
import { LATE_LEAF_ROWS, LEAF_ROWS, LEAF_SHIFT } from './leaf-tree.js';
import { RowPositions, type RowPositionsInput, TWICE } from './row-positions.js';
import { type SearchEffort, searchEffort } from './search-effort.js';
import type { ThreadPool } from './thread-pool.js';
import { type Round, ranges, scratchFor } from './work.js';

const CHUNK = 1024;
const EMPTY_KEY = (0x7f800000n << 32n) | 0xffffffffn;
/** Leaves that a late leaf is compared with. */
const LATE_REACH = 28;

export interface SearchInput extends Omit<RowPositionsInput, 'width' | 'sampleRows'> {
  /** Neighbours wanted, the row itself counted. */
  readonly k: number;
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
 * Rows are projected on the 96 or 128 widest directions and parted into leaves of 256; leaves
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
  readonly #positions: RowPositions;
  readonly #room: number;
  #heapsAt = 0;
  #worstAt = 0;

  constructor(pool: ThreadPool, arena: Arena, input: SearchInput) {
    this.#pool = pool;
    this.#arena = arena;
    this.#input = input;
    this.#effort = searchEffort(input.capacity);
    this.#room = Math.ceil(input.capacity / LEAF_ROWS) * LEAF_ROWS + 2 * LEAF_ROWS;
    const { width, sample } = this.#effort;
    const taken = { ...input, width, sampleRows: sample };
    this.#positions = new RowPositions(pool, arena, taken, this.#room);
  }

  get positions(): number {
    return this.#positions.count;
  }

  /** x, y of each position in the two widest directions. */
  get plane(): Int16Array {
    return this.#positions.plane;
  }

  /** Positions that have rows, near ones near. */
  vertices(): Uint32Array {
    return this.#positions.vertices();
  }

  /** Takes the first n rows in, at least 512. */
  async build(n: number, onStage: (stage: string) => void): Promise<void> {
    await this.#positions.begin(n, () => onStage('projection'));
    this.#openLists();
    const { leaves } = this.#positions;
    const pairs = nearestPairs(leaves, this.#effort.reach);
    onStage('leaves');
    await this.#pool.run([
      this.#within(leaves),
      ...compareRounds(leaves, pairs, [...this.#lists, TWICE]),
    ]);
    onStage('comparison');
    const { bits, stride } = comparedBits(leaves.length, pairs);
    for (let pass = 0; pass < this.#effort.passes; pass++) {
      await this.#visit(0, bits, stride);
    }
    onStage('second neighbours');
  }

  /** Takes `added` more rows in. */
  async add(added: number, onStage: (stage: string) => void): Promise<void> {
    const { leaves } = this.#positions;
    const before = leaves.length;
    const projected = (): void => onStage('projection');
    const first = await this.#positions.add(added, LATE_LEAF_ROWS, projected);
    const pairs = nearestPairs(leaves, LATE_REACH, before);
    onStage('leaves');
    await this.#pool.run([
      this.#within(leaves.slice(before)),
      ...compareRounds(leaves, pairs, [...this.#lists, TWICE]),
    ]);
    onStage('comparison');
    // Late leaves are not numbered by position, so none counts as compared: lists know their own.
    const stride = Math.ceil(((this.positions >> LEAF_SHIFT) + 1) / 8);
    const bits = new Uint8Array(((this.positions >> LEAF_SHIFT) + 1) * stride);
    await this.#visit(first, bits, stride);
    onStage('second neighbours');
  }

  /** Gives the lists' memory back, a quarter of all at a million rows: no rows come later. */
  forget(): void {
    this.#arena.release(this.#heapsAt);
  }

  /** The lists by exact distance; the arena's caller takes their memory back. */
  async rank(): Promise<PositionNeighbours> {
    const { rows, dim, k } = this.#input;
    const arena = this.#arena;
    const count = this.positions;
    const indicesAt = arena.allocate(4 * count * k);
    const distancesAt = arena.allocate(4 * count * k);
    const { candidates } = this.#effort;
    const { order, orderAt } = this.#positions;
    await this.#pool.run([
      {
        kernel: 'nearestExactly',
        common: [rows, dim, orderAt, this.#heapsAt, candidates, k - 1, indicesAt, distancesAt],
        varying: this.#positions.filledRanges(),
        perCall: 2,
      },
    ]);
    return {
      order,
      indices: arena.int32(indicesAt, count * k),
      distances: arena.float32(distancesAt, count * k),
    };
  }

  /** Only now: what the positions needed meanwhile lay where the lists are. */
  #openLists(): void {
    const arena = this.#arena;
    const keys = this.#room * this.#effort.candidates;
    this.#heapsAt = arena.allocate(8 * keys);
    this.#worstAt = arena.allocate(4 * this.#room);
    arena.uint64(this.#heapsAt, keys).fill(EMPTY_KEY);
    arena.float32(this.#worstAt, this.#room).fill(Number.POSITIVE_INFINITY);
  }

  get #lists(): number[] {
    const { packedAt, width, packedNormsAt } = this.#positions;
    return [packedAt, width, packedNormsAt, this.#heapsAt, this.#effort.candidates, this.#worstAt];
  }

  #within(leaves: readonly Leaf[]): Round {
    return {
      kernel: 'compareWithin',
      common: [...this.#lists, TWICE],
      varying: Float64Array.from(leaves.flatMap(({ at, rows }) => [at, rows])),
      perCall: 2,
    };
  }

  /** Offers positions from `from` on the neighbours of their neighbours. */
  async #visit(from: number, bits: Uint8Array, stride: number): Promise<void> {
    const arena = this.#arena;
    const count = this.positions;
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
        scratch: scratchFor(arena, this.#pool.threads, 8 * candidates),
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
}
