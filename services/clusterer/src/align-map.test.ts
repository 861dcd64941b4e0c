import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignMap } from './align-map.js';

const place = fc.float({ min: -10, max: 10, noNaN: true });
const maps = fc.array(fc.tuple(place, place), { minLength: 4, maxLength: 30 });

describe('alignMap', () => {
  it('brings back a map that was turned, mirrored and moved, new rows with it', () => {
    fc.assert(
      fc.property(
        maps,
        fc.float({ min: 0, max: 6, noNaN: true }),
        fc.boolean(),
        (places, angle, flips) => {
          const before = Float32Array.from(places.flat());
          const moved = before.slice();
          for (let row = 0; row < places.length; row++) {
            const [x, y] = [before[2 * row]!, (flips ? -1 : 1) * before[2 * row + 1]!];
            moved[2 * row] = 5 + Math.cos(angle) * x - Math.sin(angle) * y;
            moved[2 * row + 1] = -3 + Math.sin(angle) * x + Math.cos(angle) * y;
          }
          // The last row is new, and goes where the others go.
          const known = before.slice();
          known[known.length - 2] = Number.NaN;
          known[known.length - 1] = Number.NaN;
          if (isFlat(known.subarray(0, -2))) return;
          alignMap(moved, known);
          for (let i = 0; i < before.length; i++) expect(moved[i]).toBeCloseTo(before[i]!, 2);
        },
      ),
      { seed: 5, numRuns: 100 },
    );
  });

  it('leaves a map alone of which too little is known', () => {
    const layout = Float32Array.of(1, 2, 3, 4, 5, 6);
    alignMap(layout, Float32Array.of(9, 9, 8, 8, Number.NaN, Number.NaN));
    expect([...layout]).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

/** On a line, or nearly, a map looks like its mirror image. */
function isFlat(layout: Float32Array): boolean {
  let [xx, xy, yy] = [0, 0, 0];
  const n = layout.length / 2;
  let [mx, my] = [0, 0];
  for (let i = 0; i < n; i++) {
    mx += layout[2 * i]! / n;
    my += layout[2 * i + 1]! / n;
  }
  for (let i = 0; i < n; i++) {
    const [x, y] = [layout[2 * i]! - mx, layout[2 * i + 1]! - my];
    xx += x * x;
    xy += x * y;
    yy += y * y;
  }
  const spread = xx + yy;
  return xx * yy - xy * xy < 0.01 * spread * spread + 1e-6;
}
