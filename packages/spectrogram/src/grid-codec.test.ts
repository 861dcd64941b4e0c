import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { burstGrid } from '../test/pictures.js';
import { checkGridCode, decodeGrid, encodeGrid } from './grid-codec.js';

const anyGrid = fc
  .record({ nFrequency: fc.integer({ min: 1, max: 24 }), nTime: fc.integer({ min: 1, max: 24 }) })
  .chain(({ nFrequency, nTime }) =>
    fc
      .uint8Array({ minLength: nFrequency * nTime, maxLength: nFrequency * nTime })
      .map((data) => ({ nFrequency, nTime, data })),
  );

function expectBadGrid(code: Uint8Array, message: RegExp, nFrequency = 8, nTime = 8): void {
  const refused = expect.objectContaining({
    code: 'bad_grid',
    message: expect.stringMatching(message),
  });
  expect(() => decodeGrid(code, nFrequency, nTime)).toThrow(refused);
  expect(() => checkGridCode(code, nFrequency, nTime)).toThrow(refused);
}

describe('grid codec', () => {
  test('gives back every grid exactly', () => {
    fc.assert(
      fc.property(anyGrid, (grid) => {
        const code = encodeGrid(grid);
        checkGridCode(code, grid.nFrequency, grid.nTime);
        const back = decodeGrid(code, grid.nFrequency, grid.nTime);
        expect(Buffer.compare(Buffer.from(back.data), Buffer.from(grid.data))).toBe(0);
      }),
      { seed: 3, numRuns: 500 },
    );
  });

  test('predicts the first row from the left and the first column from above', () => {
    // 5 6 / 7 9: residuals 5, 1, 2, and 9 less the median of 6, 7, 8.
    const code = encodeGrid({ nFrequency: 2, nTime: 2, data: Uint8Array.of(5, 6, 7, 9) });
    expect(code).toEqual(encodeResidual([5, 1, 2, 2]));
  });

  test('every residual decodes to the level that the median rule gives', () => {
    const anyResidual = fc.uint8Array({ minLength: 48, maxLength: 48 });
    fc.assert(
      fc.property(anyResidual, (residual) => {
        const { data } = decodeGrid(encodeResidual([...residual]), 6, 8);
        expect([...data]).toEqual(levelsByDefinition(residual, 8));
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  test('a smooth grid takes a fraction of its size', () => {
    const grid = burstGrid(128, 128);
    const flat = { ...grid, data: grid.data.map((level) => (level < 32 ? 8 : level)) };
    expect(encodeGrid(flat).length).toBeLessThan(128 * 128 * 0.25);
  });

  test('refuses damaged code', () => {
    const code = encodeGrid(burstGrid(8, 8));
    expectBadGrid(new Uint8Array(0), /complete raw DEFLATE stream/);
    expectBadGrid(code.subarray(0, code.length - 3), /complete raw DEFLATE stream/);
    expectBadGrid(Uint8Array.of(0xff, 0xff, 0xff, 0xff), /complete raw DEFLATE stream/);
    expectBadGrid(code, /expected 72 values, found 64/, 8, 9);
    expectBadGrid(code, /expected 56 values, found more/, 7, 8);
    expectBadGrid(Buffer.concat([code, Buffer.from('tail')]), /found 4 bytes after its end/);
  });

  test('a bomb of 100 million zeros is refused without being unpacked', () => {
    expectBadGrid(deflateRawSync(Buffer.alloc(100_000_000)), /expected 64 values, found more/);
  });

  test('refuses impossible shapes on both sides', () => {
    const code = encodeGrid(burstGrid(8, 8));
    expectBadGrid(code, /nFrequency: expected a whole number from 1 to 8192, found 0/, 0, 8);
    expectBadGrid(code, /nTime: .* found 1\.5/, 8, 1.5);
    expectBadGrid(code, /nTime: .* found 100000000/, 8, 100_000_000);
    expect(() => encodeGrid({ nFrequency: 2, nTime: 2, data: new Uint8Array(3) })).toThrow(
      /expected 4 bytes for 2 x 2, found 3/,
    );
  });
});

function encodeResidual(residual: readonly number[]): Uint8Array {
  return deflateRawSync(Uint8Array.from(residual), { level: 9, memLevel: 9, strategy: 1 });
}

/** The codec's rule as its comment states it, without a thought for speed. */
function levelsByDefinition(residual: Uint8Array, nTime: number): number[] {
  const levels: number[] = [];
  residual.forEach((value, i) => {
    const isFirstColumn = i % nTime === 0;
    const above = levels[i - nTime] ?? 0;
    const left = isFirstColumn ? 0 : (levels[i - 1] ?? 0);
    const corner = isFirstColumn ? 0 : (levels[i - nTime - 1] ?? 0);
    const [, median] = [above, left, above + left - corner].sort((a, b) => a - b);
    levels.push((value + median!) & 255);
  });
  return levels;
}
