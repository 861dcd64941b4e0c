import { createRng } from '@glitchwatch/numerics';
import { describe, expect, it } from 'vitest';
import { neighbourLoss } from './neighbour-loss.js';

const dimension = 4;
const rng = createRng(3);
const rows = Array.from({ length: 9 }, () => {
  const row = Array.from({ length: dimension }, () => rng.nextNormal());
  const length = Math.hypot(...row);
  return Float32Array.from(row, (value) => value / length);
});
const labels = ['a', 'a', 'a', 'b', 'b', 'b', 'b', 'c', 'a'];
const matrix = Float64Array.from({ length: dimension * dimension }, (_, i) => {
  return (i % (dimension + 1) === 0 ? 1 : 0) + 0.3 * rng.nextNormal();
});
const lossAt = (values: Float64Array) =>
  neighbourLoss(
    { rows, labels, matrix: values, temperature: 0.2 },
    new Float64Array(values.length),
  );

describe('neighbourLoss', () => {
  it('has the gradient that small steps show', () => {
    const gradient = new Float64Array(matrix.length);
    neighbourLoss({ rows, labels, matrix, temperature: 0.2 }, gradient);
    for (let i = 0; i < matrix.length; i++) {
      const [more, less] = [matrix.slice(), matrix.slice()];
      more[i] = more[i]! + 1e-5;
      less[i] = less[i]! - 1e-5;
      expect(gradient[i]).toBeCloseTo((lossAt(more) - lossAt(less)) / 2e-5, 6);
    }
  });

  it('asks nothing of a label that one glitch has alone', () => {
    const alone = { rows: rows.slice(0, 2), labels: ['a', 'b'], matrix, temperature: 0.2 };
    const gradient = new Float64Array(matrix.length).fill(7);
    expect(neighbourLoss(alone, gradient)).toBe(0);
    expect([...gradient].every((value) => value === 0)).toBe(true);
  });
});
