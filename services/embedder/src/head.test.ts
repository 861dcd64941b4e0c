import { describe, expect, it } from 'vitest';
import { throughHead } from './head.js';

describe('throughHead', () => {
  it('multiplies by the rows of the matrix and normalises', () => {
    const head = Float32Array.from([3, 0, 0, 4, 0, 0]);
    expect([...(throughHead(Float32Array.from([1, 1]), head) ?? [])]).toEqual(
      [0.6, 0.8, 0].map(Math.fround),
    );
  });

  it('leaves a vector alone where there is no head', () => {
    const vector = Float32Array.from([0, 1]);
    expect(throughHead(vector, undefined)).toBe(vector);
  });

  it('has no answer where the head sends a vector to nothing', () => {
    expect(throughHead(Float32Array.from([0, 1]), Float32Array.from([1, 0, 1, 0]))).toBeUndefined();
  });
});
