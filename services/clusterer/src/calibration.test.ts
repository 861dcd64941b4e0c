import { describe, expect, it } from 'vitest';
import { calibrate, meanOf, noveltyPValue } from './calibration.js';

/** n rows with two neighbours each, at the given distances. */
function neighbours(distances: readonly (readonly [number, number])[]) {
  const n = distances.length;
  return {
    k: 2,
    indices: Int32Array.from(distances.flatMap((_, row) => [(row + 1) % n, (row + 2) % n])),
    distances: Float32Array.from(distances.flat()),
  };
}

describe('calibrate', () => {
  it('takes scores from family members only, where there are enough of them', () => {
    const rows = Array.from({ length: 60 }, (_, i) => [i / 100, i / 100] as const);
    const labels = Int32Array.from(rows, (_, i) => (i < 55 ? 0 : -1));
    const { scores, rowScores } = calibrate(neighbours(rows), labels, 2);
    expect(scores).toHaveLength(55);
    expect(scores.at(-1)).toBeCloseTo(0.54, 6);
    expect(rowScores[59]).toBeCloseTo(0.59, 6);
  });

  it('takes all rows where families have too few members to say anything', () => {
    const rows = Array.from({ length: 20 }, () => [0.1, 0.3] as const);
    const labels = new Int32Array(20).fill(-1);
    const { scores } = calibrate(neighbours(rows), labels, 2);
    expect(scores).toHaveLength(20);
    expect(scores[0]).toBeCloseTo(0.2, 6);
    expect(calibrate(neighbours(rows), labels, 1).scores[0]).toBeCloseTo(0.1, 6);
  });
});

describe('noveltyPValue', () => {
  const scores = Float64Array.of(0.1, 0.2, 0.2, 0.3);

  it('is (1 + scores at or above) / (n + 1) for a new glitch', () => {
    expect(noveltyPValue(scores, 0.05, { calibrates: false })).toBe(1);
    expect(noveltyPValue(scores, 0.2, { calibrates: false })).toBe(4 / 5);
    expect(noveltyPValue(scores, 0.31, { calibrates: false })).toBe(1 / 5);
  });

  it('takes a calibrating row out of the scores first', () => {
    expect(noveltyPValue(scores, 0.3, { calibrates: true })).toBe(1 / 4);
    expect(noveltyPValue(scores, 0.1, { calibrates: true })).toBe(1);
  });
});

describe('meanOf', () => {
  it('averages the first values, as many as there are', () => {
    expect(meanOf(Float32Array.of(1, 3, 100), 2)).toBe(2);
    expect(meanOf(Float32Array.of(1, 3), 5)).toBe(2);
    expect(meanOf(new Float32Array(0), 5)).toBe(0);
  });
});
