import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CELLS, coefficientTables } from '../src/parallel/coefficient-tables.js';
import { createRng } from '../src/rng.js';
import { findAbParams } from '../src/umap/curve.js';
import { KernelBench } from './kernel-bench.js';
import { cellOf, descendEpoch, type Part, samplePlaces } from './kernel-twins/descent.js';

const { fround } = Math;
const VERTICES = 30;
const tables = coefficientTables(findAbParams(1, 0.1), 1);

/** A random graph in which every vertex has 0 to 9 edges, laid out on [-10, 10]. */
function part(seed: number, rate: number, sampled: boolean, own = 7): Part {
  const rng = createRng(seed);
  const offsets = [0];
  const tails: number[] = [];
  for (let head = 0; head < VERTICES; head++) {
    for (let e = rng.nextInt(10); e > 0; e--) tails.push(rng.nextInt(VERTICES));
    offsets.push(tails.length);
  }
  const every = tails.map(() => fround(1 + 3 * rng.nextFloat()));
  const places = Array.from({ length: 2 * VERTICES }, () => fround(20 * rng.nextFloat() - 10));
  // Two vertices at one place, and two that nearly are.
  places.splice(0, 6, 1, 1, 1, 1, fround(1.0001), 1);
  const pool = sampled ? places.slice(10, 30) : places;
  return {
    offsets,
    tails,
    every,
    due: [...every],
    places,
    pool,
    tables,
    rate,
    from: 7,
    to: 22,
    own,
    owned: 18,
    random: BigInt(seed),
  };
}

describe('descendEpoch', () => {
  it('moves as its twin does, bit for bit', () => {
    const rates = fc.integer({ min: 1, max: 6 });
    // From 5 the part's own vertices end before the last, from 20 they begin again with the first.
    const firsts = fc.constantFrom(5, 20);
    fc.assert(
      fc.property(fc.nat(1e6), rates, fc.boolean(), firsts, (seed, rate, sampled, own) => {
        const twin = part(seed, rate, sampled, own);
        const { arena, kernels, ...bench } = benchOf(twin);
        for (let epoch = 0; epoch < 12; epoch++) {
          const alpha = 1 - epoch / 12;
          kernels.descendEpoch(...bench.before, epoch, alpha, ...bench.after);
          descendEpoch(twin, epoch, alpha);
        }
        expect([...arena.float32(bench.places, 2 * VERTICES)]).toEqual(twin.places);
        expect([...arena.float32(bench.due, twin.due.length)]).toEqual(twin.due);
        expect(arena.uint64(bench.random, 1)[0]).toBe(twin.random);
      }),
      { numRuns: 60, seed: 9 },
    );
  });

  it('has tables within 2 % of the formulas', () => {
    const { a, b } = findAbParams(1, 0.1);
    const squares = fc
      .double({ min: -23.9, max: 15.9, noNaN: true })
      .map((log) => fround(2 ** log));
    fc.assert(
      fc.property(squares, (squared) => {
        const power = squared ** b;
        const attract = (-2 * a * b * power) / (squared * (1 + a * power));
        const repel = (2 * b) / ((0.001 + squared) * (1 + a * power));
        const cell = cellOf(squared);
        expect(Math.abs(tables[cell]! / attract - 1)).toBeLessThan(0.02);
        expect(Math.abs(tables[CELLS + cell]! / repel - 1)).toBeLessThan(0.02);
      }),
      { numRuns: 500, seed: 10 },
    );
  });
});

describe('samplePlaces', () => {
  it('takes what its twin takes', () => {
    const { places } = part(3, 1, false);
    const bench = new KernelBench();
    const to = bench.arena.allocate(8 * 5);
    bench.kernels.samplePlaces(6, 5, 4, bench.float32(places), to);
    expect([...bench.arena.float32(to, 10)]).toEqual(samplePlaces(6, 5, 4, places));
  });
});

function benchOf(twin: Part) {
  const bench = new KernelBench();
  const { arena, kernels } = bench;
  const padding = [Number.NaN, Number.NaN, Number.NaN];
  const due = bench.float32([...twin.due, ...padding]);
  const places = bench.float32(twin.places);
  const pool = twin.pool === twin.places ? places : bench.float32(twin.pool);
  const random = arena.allocate(8);
  arena.uint64(random, 1)[0] = twin.random;
  const before = [
    bench.uint32(twin.offsets),
    bench.uint32(twin.tails),
    bench.float32([...twin.every, ...padding]),
    due,
    twin.pool.length / 2,
    bench.float32([...tables]),
    twin.rate,
  ];
  return {
    arena,
    kernels,
    due,
    places,
    random,
    before,
    after: [VERTICES, twin.from, twin.to, twin.own, twin.owned, places, pool, random],
  };
}
