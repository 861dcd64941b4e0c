import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng } from '../rng.js';
import { conformalPValue } from './conformal.js';

describe('conformalPValue', () => {
  it('counts what is at least as strange', () => {
    const calibration = Float64Array.of(1, 2, 2, 3);
    const expected: [number, number][] = [
      [0, 1],
      [1, 1],
      [1.5, 4 / 5],
      [2, 4 / 5],
      [2.5, 2 / 5],
      [3, 2 / 5],
      [4, 1 / 5],
    ];
    for (const [score, p] of expected) expect(conformalPValue(calibration, score)).toBe(p);
    expect(conformalPValue(new Float64Array(0), 9)).toBe(1);
    expect(() => conformalPValue(calibration, Number.NaN)).toThrow(/found NaN/);
  });

  it('is within (0, 1], never rises with the score, and equals the plain count', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 })), fc.integer(), (values, score) => {
        const sorted = Float64Array.from(values).sort();
        const p = conformalPValue(sorted, score);
        expect(p).toBe((1 + values.filter((c) => c >= score).length) / (values.length + 1));
        expect(conformalPValue(sorted, score + 1)).toBeLessThanOrEqual(p);
      }),
      { seed: 2 },
    );
  });

  it('keeps its promise on exchangeable scores', () => {
    const rng = createRng(3);
    const trials = 4000;
    let rejected = 0;
    for (let t = 0; t < trials; t++) {
      const sorted = Float64Array.from({ length: 99 }, () => rng.nextNormal()).sort();
      if (conformalPValue(sorted, rng.nextNormal()) <= 0.05) rejected++;
    }
    expect(rejected / trials).toBeGreaterThan(0.03);
    expect(rejected / trials).toBeLessThan(0.07);
  });
});
