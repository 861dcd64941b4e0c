import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packIds, unpackIds } from './packed-ids.js';

describe('packIds', () => {
  it('gives back what went in, in its order', async () => {
    const ids = fc.array(fc.stringMatching(/^[0-9a-f]{1,16}$/), { maxLength: 50 });
    await fc.assert(
      fc.asyncProperty(ids, async (some) => {
        expect(unpackIds(await packIds(some))).toEqual(some);
      }),
      { numRuns: 50, seed: 3 },
    );
  });

  it('takes more than fit one string', async () => {
    const ids = Array.from({ length: 10_000 }, (_, i) => `glitch-${i}`);
    const packed = await packIds(ids);
    expect(packed.length).toBeGreaterThan(1);
    expect(unpackIds(packed)).toEqual(ids);
  });
});
