import { describe, expect, it } from 'vitest';
import { createRng } from '../rng.js';
import { conformalPValue } from './conformal.js';
import { testUniform } from './uniformity.js';

describe('testUniform', () => {
  it('gives the statistic of scipy.stats.kstest, and its p-value where values are many', () => {
    expect(testUniform([0.9, 0.1, 0.3, 0.2]).statistic).toBeCloseTo(0.45, 12);
    const hundred = Float64Array.from({ length: 100 }, (_, i) => (i / 100) * 0.9);
    const { statistic, pValue } = testUniform(hundred);
    expect(statistic).toBeCloseTo(0.109, 12);
    // Asymptotic 0.186, exact 0.171; Stephens' correction lies between.
    expect(pValue).toBeGreaterThan(0.165);
    expect(pValue).toBeLessThan(0.19);
  });

  it('rejects uniform values at the rate it says, and others always', () => {
    const rng = createRng(5);
    let rejected = 0;
    for (let trial = 0; trial < 1_000; trial++) {
      const values = Float64Array.from({ length: 50 }, () => rng.nextFloat());
      if (testUniform(values).pValue < 0.05) rejected++;
    }
    expect(rejected).toBeGreaterThan(30);
    expect(rejected).toBeLessThan(70);
    const squared = Float64Array.from({ length: 200 }, () => rng.nextFloat() ** 2);
    expect(testUniform(squared).pValue).toBeLessThan(1e-6);
  });

  it('rejects conformal p-values at the rate it says only where it knows the calibration', () => {
    const rng = createRng(6);
    const draw = () => Float64Array.from({ length: 100 }, () => rng.nextNormal());
    let [rejected, rejectedUnknowing] = [0, 0];
    for (let trial = 0; trial < 1_000; trial++) {
      const calibration = draw().sort();
      const values = draw().map((score) => conformalPValue(calibration, score));
      if (testUniform(values, calibration.length).pValue < 0.05) rejected++;
      if (testUniform(values).pValue < 0.05) rejectedUnknowing++;
    }
    expect(rejected).toBeGreaterThan(20);
    expect(rejected).toBeLessThan(70);
    expect(rejectedUnknowing).toBeGreaterThan(200);
  });
});
