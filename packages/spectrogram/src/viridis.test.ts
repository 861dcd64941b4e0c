import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assertViridis, FAR, INK, VIRIDIS_RGB, viridisLevel } from './viridis.js';

const colourOf = (level: number): readonly [number, number, number] => [
  VIRIDIS_RGB[3 * level]!,
  VIRIDIS_RGB[3 * level + 1]!,
  VIRIDIS_RGB[3 * level + 2]!,
];

describe('viridis', () => {
  test('has 256 colours with the published ends and middle', () => {
    expect(VIRIDIS_RGB.length).toBe(768);
    expect(colourOf(0)).toEqual([68, 1, 84]);
    expect(colourOf(127)).toEqual([33, 144, 141]);
    expect(colourOf(255)).toEqual([253, 231, 37]);
  });

  test('every colour of the table gives its own level, the two doubled ones the lower', () => {
    for (let level = 0; level < 256; level++) {
      const expected = level === 113 || level === 130 ? level - 1 : level;
      expect(viridisLevel(...colourOf(level))).toBe(expected);
    }
  });

  test('green never falls as the level grows', () => {
    for (let level = 1; level < 256; level++) {
      expect(colourOf(level)[1]).toBeGreaterThanOrEqual(colourOf(level - 1)[1]);
    }
  });

  test('a colour off by one in each channel is at most 3 levels off', () => {
    const delta = fc.integer({ min: -1, max: 1 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), delta, delta, delta, (level, dr, dg, db) => {
        const [r, g, b] = colourOf(level);
        const found = viridisLevel(r + dr, g + dg, b + db);
        expect(found & FAR).toBe(0);
        expect(Math.abs(found - level)).toBeLessThanOrEqual(3);
      }),
      { seed: 7, numRuns: 2000 },
    );
  });

  test('a mix of two viridis colours lies between their levels, and grows with the share', () => {
    const levels = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(levels, levels, (p, q) => {
        const [low, high] = [Math.min(p, q), Math.max(p, q)];
        let before = low - 2;
        for (let share = 0; share <= 1; share += 0.125) {
          const mixed = [0, 1, 2].map((i) =>
            Math.round(colourOf(low)[i]! * (1 - share) + colourOf(high)[i]! * share),
          );
          const level = viridisLevel(mixed[0]!, mixed[1]!, mixed[2]!) & 255;
          expect(level).toBeGreaterThanOrEqual(before - 4);
          expect(level).toBeLessThanOrEqual(high + 2);
          before = level;
        }
      }),
      { seed: 8, numRuns: 300 },
    );
  });

  test.each([
    ['black', 0, 0, 0],
    ['white', 255, 255, 255],
    ['grey', 128, 128, 128],
    ['jet blue', 0, 0, 143],
    ['jet red', 255, 20, 0],
    ['plasma', 13, 8, 135],
    ['inferno', 252, 255, 164],
  ])('%s is far from viridis', (_, r, g, b) => {
    expect(viridisLevel(r, g, b) & FAR).toBe(FAR);
  });

  test('only what is darker than every mix of viridis colours is ink', () => {
    expect(viridisLevel(0, 0, 0) & INK).toBe(INK);
    expect(viridisLevel(21, 20, 3) & INK).toBe(INK);
    for (let share = 0; share <= 1; share += 0.01) {
      const mixed = [0, 1, 2].map((i) =>
        Math.round(colourOf(0)[i]! * (1 - share) + colourOf(255)[i]! * share),
      );
      expect(viridisLevel(mixed[0]!, mixed[1]!, mixed[2]!) & INK).toBe(0);
    }
  });

  test('too many far pixels are refused with their share', () => {
    expect(() => assertViridis(200, 1000)).not.toThrow();
    expect(() => assertViridis(500, 1000)).toThrow(
      expect.objectContaining({ code: 'not_viridis', message: expect.stringContaining('50.0 %') }),
    );
  });
});
