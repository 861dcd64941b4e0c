import { describe, expect, it } from 'vitest';
import { createRealFft } from './fft.js';
import { createInverseRealFft } from './inverse-fft.js';

describe('createInverseRealFft', () => {
  it.each([4, 8, 64, 1024])('brings %i samples back', (n) => {
    const samples = Float64Array.from({ length: n }, (_, i) => Math.sin(i * i * 0.37) + 0.1 * i);
    const back = createInverseRealFft(n)(createRealFft(n)(samples));
    samples.forEach((value, i) => {
      expect(back[i]).toBeCloseTo(value, 10);
    });
  });

  it.each([0, 3, 12, 2])('refuses %i samples', (n) => {
    expect(() => createInverseRealFft(n)).toThrow(/power of two/);
  });
});
