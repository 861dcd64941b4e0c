import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import type { SpectrogramGrid } from '../src/grid.js';

/** A grid of reproducible noise with a bright burst in its middle. */
export function burstGrid(nFrequency: number, nTime: number, seed = 1): SpectrogramGrid {
  const data = new Uint8Array(nFrequency * nTime);
  let state = seed >>> 0;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const noise = (state >>> 24) / 16;
    const y = Math.floor(i / nTime) / nFrequency - 0.6;
    const x = (i % nTime) / nTime - 0.5;
    data[i] = Math.min(255, noise + 400 * Math.exp(-(x * x) / 0.002 - (y * y) / 0.02));
  }
  return { nFrequency, nTime, data };
}

/** Any pixels as a PNG; `colourAt` gives r, g, b. */
export async function pngOf(
  widthPx: number,
  heightPx: number,
  colourAt: (x: number, y: number) => readonly [number, number, number],
): Promise<Uint8Array> {
  const rgba = new Uint8Array(widthPx * heightPx * 4);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) rgba.set([...colourAt(x, y), 255], 4 * (y * widthPx + x));
  }
  return sharp(rgba, { raw: { width: widthPx, height: heightPx, channels: 4 } })
    .png()
    .toBuffer();
}

/** Nothing but a signature and an IHDR that promises this size (8-bit RGBA). */
export function pngHeaderOnly(widthPx: number, heightPx: number): Uint8Array {
  const body = Buffer.alloc(13);
  body.writeUInt32BE(widthPx, 0);
  body.writeUInt32BE(heightPx, 4);
  body.set([8, 6, 0, 0, 0], 8);
  return Buffer.concat([PNG_SIGNATURE, pngChunk('IHDR', body)]);
}

/** A complete PNG of this size whose pixel data ends early. */
export function pngWithShortData(widthPx: number, heightPx: number): Uint8Array {
  const data = deflateSync(Buffer.alloc(1000));
  return Buffer.concat([
    pngHeaderOnly(widthPx, heightPx),
    pngChunk('IDAT', data),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

export const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export function pngChunk(type: string, body: Buffer): Buffer {
  const out = Buffer.alloc(12 + body.length);
  out.writeUInt32BE(body.length, 0);
  out.write(type, 4, 'latin1');
  body.copy(out, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + body.length)), 8 + body.length);
  return out;
}

export interface RealPicture {
  readonly file: string;
  readonly glitch: string;
  readonly layout: string;
  readonly bytes: Uint8Array;
}

const repository = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const shared = process.env.GLITCHWATCH_SHARED ?? join(repository, '../shared');
const folder = join(shared, 'data/gravityspy');

/** Real Gravity Spy pictures live outside the repository. */
export const realPicturesPresent = existsSync(join(folder, 'manifest.csv'));
export const realPicturesNote = realPicturesPresent
  ? 'real pictures'
  : `real pictures (skipped: reference data not found at ${folder})`;

/** Every `step`-th real picture, by its manifest. */
export function realPictures(step = 1): readonly RealPicture[] {
  const [head = '', ...lines] = readFileSync(join(folder, 'manifest.csv'), 'utf8')
    .trim()
    .split('\n');
  const columns = head.split(',');
  const at = (row: readonly string[], name: string): string => row[columns.indexOf(name)] ?? '';
  return lines
    .filter((_, i) => i % step === 0)
    .map((line) => line.split(','))
    .map((row) => ({
      file: at(row, 'file'),
      glitch: `${at(row, 'ifo')}_${at(row, 'gravityspy_id')}`,
      layout: at(row, 'layout'),
      bytes: readFileSync(join(folder, at(row, 'file'))),
    }));
}
