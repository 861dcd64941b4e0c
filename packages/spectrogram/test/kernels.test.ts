import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesAt, kernels, layOut, MEMO_AT, WORK_AT } from '../src/kernels.js';
import { boxResample } from '../src/resample.js';
import { VIRIDIS_RGB, viridisLevel } from '../src/viridis.js';
import { boxMeans, unfilter } from './kernel-twins.js';
import { burstGrid } from './pictures.js';

const byte = fc.integer({ min: 0, max: 255 });

/** Rows of a PNG before unfiltering: a filter from 0 to 4, then pixels of four bytes. */
function filteredRows(widthPx: number): fc.Arbitrary<number[][]> {
  const pixels = fc.array(byte, { minLength: 4 * widthPx, maxLength: 4 * widthPx });
  // The last filter also comes in runs, which are undone two by two.
  const filter = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constant(4));
  const row = fc.tuple(filter, pixels).map(([f, bytes]) => [f, ...bytes]);
  return fc.array(row, { minLength: 1, maxLength: 7 });
}

function unfiltered(rows: readonly (readonly number[])[]): { done: number; bytes: Uint8Array } {
  const stride = rows[0]!.length - 1;
  const [to = 0, from = 0] = layOut(WORK_AT, stride + 8, rows.length * (stride + 1));
  bytesAt(from, rows.length * (stride + 1)).set(rows.flat());
  const done = kernels().unfilterRows(from, to, stride, rows.length);
  return { done, bytes: bytesAt(to, rows.length * stride).slice() };
}

describe('kernels that read a picture', () => {
  test('unfilterRows undoes every filter after every other', () => {
    const rows = fc.integer({ min: 1, max: 9 }).chain(filteredRows);
    fc.assert(
      fc.property(rows, (filtered) => {
        const { done, bytes } = unfiltered(filtered);
        expect(done).toBe(filtered.length);
        expect([...bytes]).toEqual(unfilter(filtered)!.flat());
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  test('unfilterRows stops at a filter that there is not', () => {
    const rows = [
      [0, 1, 2, 3, 4],
      [5, 1, 2, 3, 4],
      [0, 1, 2, 3, 4],
    ];
    expect(unfiltered(rows).done).toBe(1);
    expect(unfilter(rows)).toBeUndefined();
  });

  test('plotLevels gives the level of every colour and lists those with flags', () => {
    const tableColour = fc
      .integer({ min: 0, max: 255 })
      .map((level) => [...VIRIDIS_RGB.subarray(3 * level, 3 * level + 3)]);
    const colour = fc.oneof(tableColour, fc.tuple(byte, byte, byte));
    const [width, rows, columns] = [9, 5, 6];
    const length = width * rows;
    fc.assert(
      fc.property(fc.array(colour, { minLength: length, maxLength: length }), (colours) => {
        const [pixels = 0, levels = 0, marked = 0] = layOut(
          WORK_AT,
          4 * length,
          length,
          4 * length,
        );
        bytesAt(pixels, 4 * length).set(colours.flatMap((rgb) => [...rgb, 255]));
        bytesAt(levels, length).fill(99);
        const count = kernels().plotLevels(
          pixels + 4,
          4 * width,
          columns,
          rows,
          levels,
          width,
          MEMO_AT,
          marked,
        );
        const flagged: number[] = [];
        bytesAt(levels, length).forEach((found, cell) => {
          const [r = 0, g = 0, b = 0] = colours[cell + 1] ?? [];
          const level = cell % width < columns ? viridisLevel(r, g, b) : 99;
          expect(found).toBe(level & 255);
          if (level > 255) flagged.push(level >>> 8, cell);
        });
        const marks = new Uint32Array(bytesAt(marked, 4 * count).slice().buffer);
        expect([...marks].flatMap((mark) => [mark >>> 30, mark & 0x3fffff])).toEqual(flagged);
      }),
      { seed: 12, numRuns: 200 },
    );
  });

  test('boxMeans rounds to the level of plain arithmetic, halves too', () => {
    const side = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(side, side, side, side, fc.nat(), (n, m, p, q, seed) => {
        const { data } = burstGrid(n, m, seed);
        // Few levels, so that means often lie on a half.
        const coarse = data.map((level) => level >> 5);
        const rows = Array.from({ length: n }, (_, y) => [...coarse.subarray(y * m, (y + 1) * m)]);
        const found = boxResample(
          { nFrequency: n, nTime: m, data: coarse },
          { nFrequency: p, nTime: q },
        );
        expect([...found.data]).toEqual(boxMeans(rows, p, q).flat());
      }),
      { seed: 13, numRuns: 300 },
    );
  });
});
