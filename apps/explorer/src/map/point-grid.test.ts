import { describe, expect, it } from 'vitest';
import { PointGrid } from './point-grid.js';

/** Seeded, so that a failure comes again. */
function points(n: number): { size: number; x: Float32Array; y: Float32Array } {
  let seed = 5;
  const next = (): number => {
    seed = (seed * 1_664_525 + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  const x = Float32Array.from({ length: n }, () => next() * 10 - 5);
  const y = Float32Array.from({ length: n }, () => next() * 4 - 2);
  return { size: n, x, y };
}

describe('PointGrid', () => {
  it('finds what a plain search finds, also for points added later and outside', () => {
    const all = points(2_000);
    all.x[1_999] = 40;
    const grid = new PointGrid({ minX: -5, maxX: 5, minY: -2, maxY: 2 }, 1_000);
    grid.extend({ ...all, size: 1_000 });
    grid.extend(all);
    const probes = points(300);
    for (let i = 0; i < probes.size; i++) {
      const [x, y] = i === 0 ? [40, all.y[1_999]!] : [probes.x[i]!, probes.y[i]!];
      let best: number | undefined;
      let bestDistance = 0.1;
      for (let j = 0; j < all.size; j++) {
        const distance = Math.hypot(all.x[j]! - x, all.y[j]! - y);
        if (distance <= bestDistance) [best, bestDistance] = [j, distance];
      }
      expect(grid.nearest(all, x, y, 0.1)).toBe(best);
    }
  });
});
