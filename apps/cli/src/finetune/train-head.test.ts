import { createRng } from '@glitchwatch/numerics';
import { describe, expect, it } from 'vitest';
import { neighbourQuality } from '../bench/quality-metrics.js';
import { projected, trainHead } from './train-head.js';

/** Two kinds that differ in one of eight directions, under noise in all of them. */
function kinds(seed: number, count: number) {
  const rng = createRng(seed);
  const labels = Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 'a' : 'b'));
  const vectors = labels.map((label) => {
    const row = Array.from({ length: 8 }, () => 0.5 * rng.nextNormal());
    row[0] = (row[0] ?? 0) * 0.2 + (label === 'a' ? 0.3 : -0.3);
    const length = Math.hypot(...row);
    return Float32Array.from(row, (value) => value / length);
  });
  return { vectors, labels };
}

const { signal } = new AbortController();

describe('trainHead', () => {
  it('brings glitches of a label together, also those that it has not seen', async () => {
    const { vectors, labels } = kinds(1, 60);
    const head = await trainHead(vectors, labels, { steps: 100, seed: 1, signal });
    const others = kinds(2, 60);
    const before = neighbourQuality(others.vectors, others.labels);
    const after = neighbourQuality(projected(head, others.vectors), others.labels);
    expect(after.meanAveragePrecision).toBeGreaterThan(before.meanAveragePrecision + 0.02);
  });

  it('is a pure function of its input and the seed', async () => {
    // More than one step holds, so that the seed draws which.
    const { vectors, labels } = kinds(3, 300);
    const train = (seed: number) => trainHead(vectors, labels, { steps: 3, seed, signal });
    const first = await train(1);
    expect(await train(1)).toEqual(first);
    expect((await train(2)).matrix).not.toEqual(first.matrix);
  });

  it('stops when it is told to', async () => {
    const { vectors, labels } = kinds(1, 20);
    const stopped = { steps: 3, seed: 1, signal: AbortSignal.abort() };
    await expect(trainHead(vectors, labels, stopped)).rejects.toThrow();
  });
});
