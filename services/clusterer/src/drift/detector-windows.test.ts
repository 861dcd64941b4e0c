import { createRng } from '@glitchwatch/numerics';
import { describe, expect, it } from 'vitest';
import { compareSamples } from './comparison.js';
import { DetectorWindows } from './detector-windows.js';
import { permutationsFor } from './drift-watch.js';

describe('DetectorWindows', () => {
  it('makes each glitch recent once, and draws the others from before it', () => {
    const windows = new DetectorWindows(10);
    const recent: number[] = [];
    for (let n = 0; n < 200; n++) {
      windows.add(n % 2 === 0 ? 'H1' : 'L1', n);
      for (const pair of windows.due(0)) {
        const parity = pair.ifo === 'H1' ? 0 : 1;
        expect(pair.recent).toHaveLength(10);
        expect(pair.reference).toHaveLength(10);
        expect(new Set(pair.reference).size).toBe(10);
        expect(Math.max(...pair.reference)).toBeLessThan(Math.min(...pair.recent));
        for (const one of [...pair.recent, ...pair.reference]) expect(one % 2).toBe(parity);
        recent.push(...pair.recent);
      }
    }
    // All but the first window of each, which has nothing before it.
    expect(recent.sort((a, b) => a - b)).toEqual(Array.from({ length: 180 }, (_, i) => i + 20));
  });

  it('keeps nothing of glitches that have left', () => {
    const windows = new DetectorWindows(10);
    for (let n = 0; n < 100; n++) windows.add('H1', n);
    windows.forgetBefore(85);
    expect(windows.due(85)).toEqual([]);
    for (let n = 100; n < 105; n++) windows.add('H1', n);
    const [pair] = windows.due(85);
    expect(pair?.recent[0]).toBe(95);
    expect(pair?.reference).toEqual([85, 86, 87, 88, 89, 90, 91, 92, 93, 94]);
    windows.forgetAll();
    for (let n = 105; n < 120; n++) windows.add('H1', n);
    expect(windows.due(85)).toEqual([]);
  });
});

describe('windows of one population', () => {
  it('are called changed as often as the level says', () => {
    const alpha = 0.05;
    const dimension = 6;
    const rng = createRng(3);
    const vectors: Float32Array[] = [];
    const windows = new DetectorWindows(20);
    let compared = 0;
    let alarms = 0;
    for (let n = 0; n < 6_020; n++) {
      // Three kinds, as a detector has them.
      const centre = rng.nextInt(3);
      vectors.push(
        Float32Array.from(
          { length: dimension },
          (_, c) => (c === centre ? 3 : 0) + rng.nextNormal(),
        ),
      );
      windows.add('H1', n);
      for (const { recent, reference } of windows.due(0)) {
        const rowsOf = (numbers: readonly number[]): Float32Array =>
          Float32Array.from(numbers.flatMap((number) => [...vectors[number]!]));
        const input = { reference: rowsOf(reference), recent: rowsOf(recent), dimension, seed: n };
        compared++;
        const { pValue } = compareSamples({ ...input, permutations: permutationsFor(alpha) });
        if (pValue <= alpha) alarms++;
      }
    }
    expect(compared).toBe(300);
    // 15 expected; four standard deviations are 15.
    expect(alarms).toBeLessThanOrEqual(30);
  });
});
