import { describe, expect, it } from 'vitest';
import { createCanvas } from './canvas.js';

const norm = (samples: Float64Array) => Math.sqrt(samples.reduce((sum, v) => sum + v * v, 0));

describe('createCanvas', () => {
  it('gives a component the norm of its weight', () => {
    const canvas = createCanvas(8192, 4);
    canvas.sineGaussian({ timeSec: 0.1, frequencyHz: 100, q: 9, weight: 0.7 });
    expect(norm(canvas.samples)).toBeCloseTo(0.7, 9);
    canvas.clear();
    canvas.pulse({ timeSec: 0, frequencyHz: 150, octavesBelow: 0.5, octavesAbove: 1, weight: 2 });
    expect(norm(canvas.samples)).toBeCloseTo(2, 9);
    canvas.clear();
    expect(norm(canvas.samples)).toBe(0);
    expect(canvas.extent()).toBeUndefined();
  });

  it('gives a track its weight in every unit of time', () => {
    const canvas = createCanvas(8192, 4);
    const unitSec = 0.1;
    canvas.track({ fromSec: -1, toSec: 1, frequencyHz: () => 200, weight: 3, unitSec });
    const middle = canvas.samples.subarray(2 * 8192, 2.1 * 8192);
    expect(norm(middle)).toBeCloseTo(3, 1);
  });

  it('keeps the extent of what was painted', () => {
    const canvas = createCanvas(8192, 4);
    canvas.track({
      fromSec: -0.5,
      toSec: 9,
      frequencyHz: (t) => 100 + 10 * t,
      weight: 1,
      unitSec: 1,
    });
    const extent = canvas.extent()!;
    expect(extent.fromSec).toBe(-0.5);
    expect(extent.toSec).toBe(2);
    expect(extent.lowHz).toBeCloseTo(95, 1);
    expect(extent.highHz).toBeCloseTo(120, 1);
  });

  it('paints nothing beyond the ends or Nyquist', () => {
    const canvas = createCanvas(8192, 4);
    canvas.track({ fromSec: -1, toSec: 1, frequencyHz: () => 5000, weight: 1, unitSec: 1 });
    canvas.sineGaussian({ timeSec: 30, frequencyHz: 100, q: 9, weight: 1 });
    expect(norm(canvas.samples)).toBe(0);
  });
});
