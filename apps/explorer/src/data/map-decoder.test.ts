import { describe, expect, it } from 'vitest';
import { decodeMap } from './map-decoder.js';

/** One glitch, written by hand from the format's description. */
function oneGlitch(): Buffer {
  const head = Buffer.from('{"modelVersion":3,"cursor":"abc","n":1}'.padEnd(40, ' '));
  const out = Buffer.alloc(8 + head.length + 28);
  out.write('GWM1');
  out.writeUInt32LE(head.length, 4);
  head.copy(out, 8);
  out.writeFloatLE(1.5, 48);
  out.writeFloatLE(-2, 52);
  out.writeInt32LE(-1, 56);
  out.write('00ff00000000000000000000000000a1', 60, 'hex');
  return out;
}

const bytesOf = (buffer: Buffer): ArrayBuffer => Uint8Array.from(buffer).buffer;

describe('decodeMap', () => {
  it('reads the columns', () => {
    const map = decodeMap(bytesOf(oneGlitch()));
    expect(map).toMatchObject({ modelVersion: 3, cursor: 'abc' });
    expect([map.x[0], map.y[0], map.familyIds[0]]).toEqual([1.5, -2, -1]);
    expect(map.glitchIds).toEqual(['00ff00000000000000000000000000a1']);
  });

  it('says what is wrong', () => {
    expect(() => decodeMap(new ArrayBuffer(3))).toThrow('expected "GWM1", found ""');
    expect(() => decodeMap(bytesOf(oneGlitch().subarray(0, 70)))).toThrow(
      'expected 76 bytes for 1 glitches, found 70',
    );
  });
});
