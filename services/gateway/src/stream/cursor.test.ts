import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from './cursor.js';

const ends = new Map([
  ['a', [5n, 0n]],
  ['b', [9_007_199_254_740_993n]],
]);
const text = (plain: string): string => Buffer.from(plain).toString('base64url');

describe('cursor', () => {
  it('comes back as it went, beyond 2^53 too', () => {
    expect(decodeCursor(encodeCursor(ends), ends)).toEqual(ends);
  });

  it.each([
    ['another topic', text('g1;a=1,0;c=1'), 'does not cover topic b'],
    ['one topic too many', text('g1;a=1,0;b=1;c=1'), 'c is not part'],
    ['other partitions', text('g1;a=1;b=1'), 'a has 2 partitions, the cursor 1'],
    ['beyond the end', text('g1;a=6,0;b=1'), 'a/0 ends at 5, the cursor says 6'],
    ['another version', text('g0;a=1,0;b=1'), 'not a cursor of this gateway'],
    ['a negative offset', text('g1;a=-1,0;b=1'), 'not a cursor of this gateway'],
    ['no cursor at all', 'ä', 'not a cursor of this gateway'],
  ])('refuses %s', (_what, cursor, words) => {
    expect(() => decodeCursor(cursor, ends)).toThrow(words);
  });
});
