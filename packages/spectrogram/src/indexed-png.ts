import { constants, crc32, deflateSync } from 'node:zlib';
import { SpectrogramError } from './errors.js';
import type { SpectrogramGrid } from './grid.js';
import { VIRIDIS_RGB } from './viridis.js';

/**
 * A grid as a palette PNG, one byte a pixel with the viridis table as its
 * palette: a third of the size of the same picture in RGB and exact by
 * construction (sharp's palette option would choose colours of its own).
 * PNG specification, second edition, 11.2.2 to 11.2.5.
 */
export function encodeIndexedPng(grid: SpectrogramGrid): Uint8Array {
  const { nTime: width, nFrequency: height, data } = grid;
  if (width * height > 40_000_000) {
    throw new SpectrogramError('bad_render', `picture of ${width} x ${height}: too many pixels`);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8); // depth 8, palette; deflate, adaptive filters, no interlace
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', VIRIDIS_RGB),
    chunk('IDAT', deflateSync(filterRows(data, width, height), DEFLATE)),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

/** For 574 x 480: 8 ms and 73 kB; level 6 takes 33 ms for 69 kB. */
const DEFLATE = { level: 4, strategy: constants.Z_FILTERED };

/** Levels vary smoothly, so a filter pays although the bytes are palette indices. */
function filterRows(data: Uint8Array, width: number, height: number): Uint8Array {
  const out = new Uint8Array((width + 1) * height);
  for (let y = 0, to = 0; y < height; y++) {
    out[to++] = 2; // Up: less the byte above
    for (let i = y * width; i < (y + 1) * width; i++) {
      out[to++] = data[i]! - (y > 0 ? data[i - width]! : 0);
    }
  }
  return out;
}

function chunk(type: string, body: Uint8Array): Buffer {
  const out = Buffer.alloc(body.length + 12);
  out.writeUInt32BE(body.length, 0);
  out.write(type, 4, 'latin1');
  out.set(body, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + body.length)), 8 + body.length);
  return out;
}
