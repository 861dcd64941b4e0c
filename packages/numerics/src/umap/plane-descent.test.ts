import { describe, expect, it } from 'vitest';
import { createRng } from '../rng.js';
import { findAbParams } from './curve.js';
import { optimizeLayout } from './optimize-layout.js';
import { PlaneDescent, type RowEdges } from './plane-descent.js';

const PLACES = 2_000;
const ROWS = 100;
const params = { curve: findAbParams(1, 0.1), repulsionStrength: 1, negativeSampleRate: 5 };
const descent = { nEpochs: 100, initialAlpha: 0.25 };

/** Places in ten groups, and rows that lie among some of one group. */
function scene(edges = 15) {
  const rng = createRng(5);
  const places = Float32Array.from(
    { length: 2 * PLACES },
    (_, at) => 6 * Math.cos((at >> 1) % 10) + (at % 2) * 4 + 0.5 * rng.nextNormal(),
  );
  const rows = Array.from({ length: ROWS }, (_, row) => {
    const tails = Int32Array.from(
      { length: edges },
      () => 10 * rng.nextInt(PLACES / 10) + (row % 10),
    );
    const every = Float64Array.from({ length: edges }, (_, e) => 1 / (1 - e / (edges + 1)));
    const start = [0, 1].map((c) => tails.reduce((sum, t) => sum + places[2 * t + c]! / edges, 0));
    return { start, edges: { tails, every } };
  });
  return { places, rows };
}

function settled(plane: PlaneDescent, start: readonly number[], edges: RowEdges, seed: number) {
  const place = Float32Array.from(start);
  plane.settle(place, edges, { ...descent, seeds: [seed, 2 * seed] });
  return place;
}

function optimised(
  places: Float32Array,
  start: readonly number[],
  { tails, every }: RowEdges,
  seed: number,
) {
  const place = Float32Array.from(start);
  const edges = { heads: new Int32Array(tails.length), tails, epochsPerSample: every };
  optimizeLayout(place, places, edges, {
    dim: 2,
    ...descent,
    ...params,
    seeds: [seed, seed + 1, seed + 2],
  });
  return place;
}

const apart = (a: Float32Array, b: Float32Array) => Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!);
const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;

describe('PlaneDescent', () => {
  it('settles a row no farther from where optimizeLayout does than another seed of that', () => {
    const { places, rows } = scene();
    const plane = new PlaneDescent(places, params);
    const ours: number[] = [];
    const theirs: number[] = [];
    for (const { start, edges } of rows) {
      const reference = optimised(places, start, edges, 1);
      ours.push(apart(settled(plane, start, edges, 3), reference));
      theirs.push(apart(optimised(places, start, edges, 7), reference));
    }
    expect(mean(theirs)).toBeGreaterThan(0);
    expect(mean(ours)).toBeLessThan(1.15 * mean(theirs));
  });

  it('settles a row the same whatever it settled before, and with any number of edges', () => {
    const few = scene();
    const many = scene(150);
    const plane = new PlaneDescent(few.places, params);
    const alone = few.rows.map(({ start, edges }) => settled(plane, start, edges, 3));
    for (const { start, edges } of many.rows) {
      expect(settled(plane, start, edges, 3).every(Number.isFinite)).toBe(true);
    }
    for (const [row, { start, edges }] of [...few.rows.entries()].reverse()) {
      expect(settled(plane, start, edges, 3)).toEqual(alone[row]);
    }
  });

  it('leaves a row without edges where it is', () => {
    const plane = new PlaneDescent(scene().places, params);
    const none = { tails: new Int32Array(0), every: new Float64Array(0) };
    expect([...settled(plane, [3, -2], none, 1)]).toEqual([3, -2]);
  });
});
