import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KernelBench } from './kernel-bench.js';
import { type Candidate, halfSquared, nearest, rankingDistance } from './kernel-twins/nearest.js';

const WIDTH = 8;
const LEAF = 8;
const TWICE = Math.fround(1e-4);
const EMPTY_KEY = (0x7f800000n << 32n) | 0xffffffffn;

const quantised = (rows: number) =>
  fc.array(fc.array(fc.integer({ min: -99, max: 99 }), { minLength: WIDTH, maxLength: WIDTH }), {
    minLength: rows,
    maxLength: rows,
  });

/** Rows packed by position, with empty lists of `size`. */
class Lists {
  readonly bench = new KernelBench();
  readonly norms: number[];
  readonly args: number[];
  readonly #heaps: number;

  constructor(
    readonly q: readonly (readonly number[])[],
    readonly size: number,
    order = q.map((_, i) => i),
  ) {
    const { bench } = this;
    const places = 8 * Math.ceil(q.length / 8);
    this.norms = q.map((row) => Math.fround((TWICE / 2) * row.reduce((sum, x) => sum + x * x, 0)));
    const packed = bench.int16(new Array(places * WIDTH).fill(0));
    const packedNorms = bench.float32(new Array(places).fill(0));
    bench.kernels.packRows(
      bench.uint32(order),
      q.length,
      bench.int16(q.flat()),
      WIDTH,
      bench.float32(this.norms),
      packed,
      packedNorms,
      0,
      places,
    );
    this.#heaps = bench.arena.allocate(8 * places * size);
    bench.arena.uint64(this.#heaps, places * size).fill(EMPTY_KEY);
    const worst = bench.float32(new Array(places).fill(Number.POSITIVE_INFINITY));
    this.args = [packed, WIDTH, packedNorms, this.#heaps, size, worst];
  }

  get heaps(): number {
    return this.#heaps;
  }

  /** The list of a position, nearest first. */
  list(position: number): Candidate[] {
    const keys = this.bench.arena.uint64(this.#heaps + 8 * position * this.size, this.size);
    const filled = [...keys].filter((key) => key !== EMPTY_KEY);
    return nearest(filled.map(candidateOf), this.size);
  }

  expected(position: number, others: readonly number[]): Candidate[] {
    const all = others.map(
      (other): Candidate => [rankingDistance(this.q, this.norms, TWICE, position, other), other],
    );
    return nearest(all, this.size);
  }
}

function candidateOf(key: bigint): Candidate {
  const bits = Uint32Array.of(Number(key >> 32n));
  return [new Float32Array(bits.buffer)[0]!, Number(key & 0xffffffffn)];
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('kernels that find neighbours', () => {
  it('compareLeaves and compareWithin keep the nearest of both sides, in any order', () => {
    fc.assert(
      // The last leaf is not full: positions 21, 22 and 23 are nobody.
      fc.property(quantised(21), fc.boolean(), (q, reversed) => {
        const lists = new Lists(q, 5);
        const { compareLeaves, compareWithin } = lists.bench.kernels;
        const calls = [
          () => compareWithin(...lists.args, TWICE, 0, LEAF),
          () => compareWithin(...lists.args, TWICE, 8, LEAF),
          () => compareLeaves(...lists.args, TWICE, 0, LEAF, 16, LEAF),
        ];
        for (const call of reversed ? calls.reverse() : calls) call();
        for (const p of range(0, 8)) {
          const others = [...range(0, 8), ...range(16, 21)].filter((other) => other !== p);
          expect(lists.list(p)).toEqual(lists.expected(p, others));
        }
        for (const p of range(8, 16)) {
          expect(lists.list(p)).toEqual(
            lists.expected(
              p,
              range(8, 16).filter((other) => other !== p),
            ),
          );
        }
        for (const p of range(16, 21))
          expect(lists.list(p)).toEqual(lists.expected(p, range(0, 8)));
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  it('visitNeighboursOfNeighbours offers what leaves not compared hold, once', () => {
    fc.assert(
      fc.property(quantised(24), (q) => {
        const lists = new Lists(q, 4);
        const { arena, kernels } = lists.bench;
        kernels.compareWithin(...lists.args, TWICE, 0, LEAF);
        kernels.compareLeaves(...lists.args, TWICE, 0, LEAF, 8, LEAF);
        kernels.compareLeaves(...lists.args, TWICE, 8, LEAF, 16, LEAF);
        const width = 3;
        const near = lists.bench.uint32(new Array(24 * width).fill(0));
        const scratch = arena.allocate(8 * lists.size);
        kernels.snapshotNearest(lists.heaps, lists.size, near, width, 0, 24, scratch);
        const snapshot = range(0, 24).map((p) => [...arena.uint32(near + 4 * p * width, width)]);
        const before = range(0, 24).map((p) => lists.list(p));
        snapshot.forEach((ids, p) => {
          expect(ids).toEqual(before[p]!.slice(0, width).map(([, position]) => position));
        });
        const compared = arena.allocate(3);
        arena.bytes(compared, 3).set([0b011, 0b111, 0b110]);
        const common = [...lists.args, TWICE, near, width, compared, 1, 3];
        kernels.visitNeighboursOfNeighbours(...common, 0, 24);
        for (const p of range(0, 24)) {
          const unseen = snapshot[p]!.flatMap((via) => snapshot[via]!).filter(
            (other) => (p >> 3) + (other >> 3) === 2 && p >> 3 !== 1,
          );
          const offered = lists.expected(p, [...new Set(unseen)]);
          // expected() cuts, which an offer of all would do as well.
          expect(lists.list(p)).toEqual(nearest([...before[p]!, ...offered], lists.size));
        }
      }),
      { numRuns: 60, seed: 6 },
    );
  });

  it('nearestExactly ranks the candidates by all columns', () => {
    fc.assert(
      fc.property(quantised(16), (q) => {
        const order = range(0, 16).reverse();
        const inOrder = order.map((row) => q[row]!);
        const lists = new Lists(inOrder, 6);
        const { arena, kernels } = lists.bench;
        kernels.compareWithin(...lists.args, TWICE, 0, LEAF);
        const rows = lists.bench.float32(q.flat().map((x) => x / 64));
        const indices = lists.bench.uint32(new Array(16 * 4).fill(0));
        const distances = lists.bench.float32(new Array(16 * 4).fill(0));
        const orderAt = lists.bench.uint32(order);
        const common = [rows, WIDTH, orderAt, lists.heaps, lists.size, 3, indices, distances];
        kernels.nearestExactly(...common, 0, 16);
        for (const p of range(0, 16)) {
          const exact = lists
            .list(p)
            .map(
              ([, other]): Candidate => [
                Math.fround(halfSquared(inOrder[p]!, inOrder[other]!) / 4096),
                other,
              ],
            );
          const best = nearest(exact, 3);
          const missing = new Array(3 - best.length);
          expect([...arena.int32(indices + 16 * p, 4)]).toEqual([
            p,
            ...best.map(([, other]) => other),
            ...missing.fill(-1),
          ]);
          expect([...arena.float32(distances + 16 * p, 4)]).toEqual([
            0,
            ...best.map(([distance]) => distance),
            ...missing.fill(Number.POSITIVE_INFINITY),
          ]);
        }
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  it('splitRange parts a range by a plane and leaves the rest alone', () => {
    const cases = fc.tuple(quantised(40), fc.integer({ min: 1, max: 29 }));
    fc.assert(
      fc.property(cases, ([q, left]) => {
        const bench = new KernelBench();
        const order = bench.uint32(range(0, 40));
        const keys = bench.float32(new Array(40).fill(0));
        const scratch = bench.float32(new Array(4 * WIDTH).fill(0));
        const common = [order, bench.int16(q.flat()), WIDTH, keys];
        bench.kernels.splitRange(...common, 5, 35, left, scratch);
        const after = [...bench.arena.uint32(order, 40)];
        expect(after.slice(0, 5)).toEqual(range(0, 5));
        expect(after.slice(35)).toEqual(range(35, 40));
        expect(after.slice(5, 35).sort((a, b) => a - b)).toEqual(range(5, 35));
        // The direction that the keys were made by, left behind in the scratch.
        const direction = [...bench.arena.float32(scratch + 4 * WIDTH, WIDTH)];
        const key = (row: number) => q[row]!.reduce((sum, x, c) => sum + x * direction[c]!, 0);
        const near = Math.max(...after.slice(5, 5 + left).map(key));
        const far = Math.min(...after.slice(5 + left, 35).map(key));
        expect(near - far).toBeLessThanOrEqual(0.5);
      }),
      { numRuns: 60, seed: 8 },
    );
  });
});
