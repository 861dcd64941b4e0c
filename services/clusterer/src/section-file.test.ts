import { describe, expect, it } from 'vitest';
import { decodeSections, encodeSections } from './section-file.js';

const file = () =>
  Buffer.concat(
    encodeSections(
      { name: 'Störung', n: 3 },
      {
        bytes: Uint8Array.of(1, 2, 3),
        floats: Float32Array.of(0.5, -1),
        doubles: Float64Array.of(Math.PI, Number.POSITIVE_INFINITY),
        ints: Int32Array.of(-7),
        none: new Float64Array(0),
      },
    ),
  );

describe('section file', () => {
  it('gives back fields and arrays', () => {
    const decoded = decodeSections(file(), 'm');
    expect(decoded.fields).toEqual({ name: 'Störung', n: 3 });
    expect([...decoded.uint8('bytes')]).toEqual([1, 2, 3]);
    expect([...decoded.float32('floats')]).toEqual([0.5, -1]);
    expect([...decoded.float64('doubles')]).toEqual([Math.PI, Number.POSITIVE_INFINITY]);
    expect([...decoded.int32('ints')]).toEqual([-7]);
    expect(decoded.float64('none')).toHaveLength(0);
  });

  it('reads from the middle of a larger buffer', () => {
    const whole = Buffer.concat([Buffer.from('xyz'), file()]);
    expect([...decodeSections(whole.subarray(3), 'm').int32('ints')]).toEqual([-7]);
  });

  it.each([
    ['another file', Buffer.from('GIF89a and so on'), 'expected a file of format GWMODEL 1'],
    ['an empty file', Buffer.alloc(0), 'expected a file of format GWMODEL 1'],
    ['a cut header', file().subarray(0, 40), 'expected a header up to byte'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeSections(bytes, 'models/1.gwm')).toThrow(message);
  });

  it('refuses a cut section, and a section of another name or type', () => {
    const cut = decodeSections(file().subarray(0, -8), 'm');
    expect(() => cut.int32('ints')).toThrow('expected section ints up to byte');
    expect(() => cut.int32('bytes')).toThrow('expected section bytes of int32, found uint8');
    expect(() => cut.int32('lost')).toThrow('expected section lost of int32, found none');
  });
});
