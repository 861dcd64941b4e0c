import { deflateRawSync, constants as zlib } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeAnyGrid } from './grid-codec.js';
import { decodeLiteralGrid, isLiteralGrid } from './literal-grid-code.js';

interface Coded {
  readonly nFrequency: number;
  readonly nTime: number;
  readonly code: Uint8Array;
}

const side = fc.integer({ min: 1, max: 50 });
/** Few values or all, so that codes are short or long. */
const residualsOf = (n: number): fc.Arbitrary<Uint8Array> =>
  fc
    .constantFrom(1, 2, 9, 60, 255)
    .chain((max) => fc.uint8Array({ minLength: n, maxLength: n, max }));

/** Without matches; with little memory a code has many blocks. */
const literalCode: fc.Arbitrary<Coded> = fc
  .record({
    nFrequency: side,
    nTime: side,
    memLevel: fc.constantFrom(1, 9),
    level: fc.constantFrom(1, 6),
  })
  .chain(({ nFrequency, nTime, memLevel, level }) =>
    residualsOf(nFrequency * nTime).map((residuals) => {
      const options = { memLevel, level, strategy: zlib.Z_HUFFMAN_ONLY };
      return { nFrequency, nTime, code: deflateRawSync(residuals, options) };
    }),
  );

const fast = ({ code, nFrequency, nTime }: Coded) => decodeLiteralGrid(code, nFrequency, nTime);
const byZlib = ({ code, nFrequency, nTime }: Coded) => decodeAnyGrid(code, nFrequency, nTime);

function refusedByZlib(coded: Coded): boolean {
  try {
    byZlib(coded);
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: 'bad_grid' });
    return true;
  }
}

describe('grid codes without matches', () => {
  test('give the levels that zlib and the plain loop give', () => {
    let unpacked = 0;
    fc.assert(
      fc.property(literalCode, (coded) => {
        const levels = fast(coded);
        if (levels === undefined) return;
        unpacked++;
        expect(isLiteralGrid(coded.code, levels.length)).toBe(true);
        expect(Buffer.compare(levels, byZlib(coded))).toBe(0);
      }),
      { seed: 21, numRuns: 400 },
    );
    // The others are incompressible: DEFLATE stores them as they are.
    expect(unpacked).toBeGreaterThan(250);
  });

  test('with codes of more than 10 bits and with the fixed code', () => {
    // Half of the values are 0, a quarter 1, and so on.
    const seldom = Uint8Array.from({ length: 128 * 128 }, (_, i) =>
      Math.clz32(Math.imul(i, 0x9e3779b1)),
    );
    const [nFrequency, nTime] = [128, 128];
    for (const strategy of [zlib.Z_HUFFMAN_ONLY, zlib.Z_FIXED]) {
      const coded = { nFrequency, nTime, code: deflateRawSync(seldom, { memLevel: 9, strategy }) };
      // Z_FIXED looks for matches, and finds some.
      expect(fast(coded) === undefined).toBe(strategy === zlib.Z_FIXED);
    }
    const short = {
      nFrequency: 2,
      nTime: 3,
      code: deflateRawSync(Uint8Array.of(1, 2, 3, 4, 200, 6)),
    };
    expect(fast(short)).toEqual(Uint8Array.from(byZlib(short)));
  });

  test('are left to zlib where they are damaged: nothing is unpacked that zlib refuses', () => {
    const damage = fc.record({ at: fc.nat(), bit: fc.nat(7), cut: fc.nat(3), extra: fc.nat(2) });
    fc.assert(
      fc.property(literalCode, damage, (coded, { at, bit, cut, extra }) => {
        const code = Buffer.concat([
          coded.code.subarray(0, coded.code.length - cut),
          Buffer.alloc(extra),
        ]);
        if (code.length > 0) code[at % code.length]! ^= 1 << bit;
        const damaged = { ...coded, code };
        const levels = fast(damaged);
        if (refusedByZlib(damaged)) expect(levels).toBeUndefined();
        else if (levels !== undefined) expect(Buffer.compare(levels, byZlib(damaged))).toBe(0);
      }),
      { seed: 23, numRuns: 1000 },
    );
  });

  test('are not looked for in a code too long for its grid or a grid too large', () => {
    expect(decodeLiteralGrid(new Uint8Array(100_000), 128, 128)).toBeUndefined();
    expect(decodeLiteralGrid(deflateRawSync(Buffer.alloc(4_000_000)), 2000, 2000)).toBeUndefined();
  });
});
