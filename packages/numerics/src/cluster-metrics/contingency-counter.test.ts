import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contingency, transposed, withoutNoise } from './contingency.js';
import { ContingencyCounter } from './contingency-counter.js';
import {
  normalizedMutualInfo,
  normalizedMutualInfoOf,
  vMeasure,
  vMeasureOf,
} from './information.js';
import { adjustedRand, adjustedRandOf } from './pair-counting.js';
import { clusterCompositions, compositionsOf, purity, purityOf } from './purity.js';

const label = fc.integer({ min: 0, max: 5 });
const cluster = fc.integer({ min: -1, max: 5 });
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('add' as const), label, cluster }) },
  fc.record({ kind: fc.constant('move' as const), which: fc.nat(), cluster }),
  fc.record({ kind: fc.constant('relabel' as const), which: fc.nat(), label }),
  fc.record({ kind: fc.constant('remove' as const), which: fc.nat() }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A stream's points as they stand, each beside the counter's counts of them. */
class Stream {
  readonly counter = new ContingencyCounter();
  readonly points: { label: number; cluster: number }[] = [];

  take(one: Step): void {
    if (one.kind === 'add') {
      this.points.push({ label: one.label, cluster: one.cluster });
      this.counter.add(one.label, one.cluster);
      return;
    }
    if (this.points.length === 0) return;
    const at = one.which % this.points.length;
    const point = this.points[at]!;
    this.counter.remove(point.label, point.cluster);
    if (one.kind === 'remove') {
      this.points.splice(at, 1);
      return;
    }
    if (one.kind === 'move') point.cluster = one.cluster;
    else point.label = one.label;
    this.counter.add(point.label, point.cluster);
  }

  get classes(): number[] {
    return this.points.map((point) => point.label);
  }

  get clusters(): number[] {
    return this.points.map((point) => point.cluster);
  }
}

function expectBatch(stream: Stream): void {
  const { classes, clusters, counter } = stream;
  const table = counter.table();
  expect(table).toEqual(contingency(classes, clusters));
  expect(compositionsOf(table)).toEqual(clusterCompositions(classes, clusters));
  expect(compositionsOf(transposed(table))).toEqual(clusterCompositions(clusters, classes));
  expect(vMeasureOf(table)).toEqual(vMeasure(classes, clusters));
  expect(adjustedRandOf(table)).toBe(adjustedRand(classes, clusters));
  expect(normalizedMutualInfoOf(table)).toBe(normalizedMutualInfo(classes, clusters));
  expect(purityOf(table)).toBe(purity(classes, clusters));
  const kept = withoutNoise(classes, clusters);
  expect(counter.table((one) => one >= 0)).toEqual(contingency(kept.classes, kept.clusters));
}

describe('ContingencyCounter', () => {
  it('is the batch definition after every step of any stream', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const stream = new Stream();
        for (const one of steps) {
          stream.take(one);
          expectBatch(stream);
        }
        expect(stream.counter.points).toBe(stream.points.length);
      }),
      { seed: 11, numRuns: 150 },
    );
  });

  it('does not depend on the order in which points came', () => {
    const points = fc.array(fc.tuple(label, cluster), { maxLength: 40 });
    fc.assert(
      fc.property(
        points.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
        ),
        ([all, shuffled]) => {
          const counted = [all, shuffled].map((some) => {
            const counter = new ContingencyCounter();
            for (const [one, of] of some) counter.add(one, of);
            return counter.table();
          });
          expect(counted[0]).toEqual(counted[1]);
        },
      ),
      { seed: 12 },
    );
  });

  it('keeps nothing of what has left', () => {
    const counter = new ContingencyCounter();
    for (let n = 0; n < 1000; n++) counter.add(n, n % 7);
    for (let n = 0; n < 1000; n++) counter.remove(n, n % 7);
    expect([...counter.clusters()]).toEqual([]);
    expect(counter.table().counts).toHaveLength(0);
    expect(() => counter.remove(3, 0)).toThrow(/class 3 in cluster 0, found none/);
  });
});
