import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import {
  PNG_SIGNATURE,
  pngChunk,
  pngOf,
  realPictures,
  realPicturesNote,
  realPicturesPresent,
} from '../test/pictures.js';
import { readPngHeader } from './png-header.js';
import { readRgbaPng } from './rgba-png.js';

const HEIGHT = 12;
const WIDTH = 9;

/** Rows of noise, filtered by 0 to 4 in turn. */
const rows = Buffer.from(
  Array.from({ length: HEIGHT }, (_, y) => [
    y % 5,
    ...Array.from({ length: 4 * WIDTH }, (_, i) => (7 * y * y + 31 * i * i + y * i) & 255),
  ]).flat(),
);

interface Parts {
  readonly header?: readonly number[];
  readonly before?: readonly Buffer[];
  readonly code?: Buffer;
}

/** A PNG from its parts; by default one that can be read. */
function assemble({ header = [8, 6, 0, 0, 0], before = [], code = deflateSync(rows) }: Parts) {
  const size = Buffer.alloc(8);
  size.writeUInt32BE(WIDTH, 0);
  size.writeUInt32BE(HEIGHT, 4);
  const half = code.length >> 1;
  return Buffer.concat([
    PNG_SIGNATURE,
    pngChunk('IHDR', Buffer.concat([size, Buffer.from(header)])),
    ...before,
    pngChunk('IDAT', code.subarray(0, half)),
    pngChunk('IDAT', code.subarray(half)),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

const read = (png: Uint8Array) => readRgbaPng(png, readPngHeader(png));

async function expectAsSharp(png: Uint8Array, file = ''): Promise<void> {
  const wanted = await sharp(png).raw().toBuffer();
  const found = read(png);
  expect(found, file).toBeDefined();
  expect(wanted.equals(found!.data), file).toBe(true);
}

describe('readRgbaPng', () => {
  test('reads what sharp reads: every filter, several chunks, harmless chunks', async () => {
    await expectAsSharp(assemble({}));
    await expectAsSharp(assemble({ before: [pngChunk('tEXt', Buffer.from('Software\0x'))] }));
    await expectAsSharp(await pngOf(31, 17, (x, y) => [x * 8, y * 15, (x * y) & 255]));
  });

  test.each<[string, Parts]>([
    ['another depth', { header: [16, 6, 0, 0, 0] }],
    ['no alpha', { header: [8, 2, 0, 0, 0] }],
    ['interlacing', { header: [8, 6, 0, 0, 1] }],
    ['a gamma to be applied', { before: [pngChunk('gAMA', Buffer.of(0, 0, 100, 0))] }],
    ['an unknown filter', { code: deflateSync(Buffer.from(rows).fill(9, 0, 1)) }],
    ['too few rows', { code: deflateSync(rows.subarray(0, -1)) }],
    ['too many rows', { code: deflateSync(Buffer.concat([rows, rows])) }],
    ['bytes after the stream', { code: Buffer.concat([deflateSync(rows), Buffer.of(0)]) }],
    ['no end of the stream', { code: deflateSync(rows).subarray(0, -6) }],
    ['no stream', { code: Buffer.from('nothing packed') }],
  ])('leaves to sharp: %s', (_, parts) => {
    expect(read(assemble(parts))).toBeUndefined();
  });

  test('leaves to sharp a chunk whose checksum is wrong', () => {
    const png = assemble({});
    // The last byte of the second IDAT chunk's checksum; IEND takes 12 bytes.
    png[png.length - 13]! ^= 1;
    expect(read(png)).toBeUndefined();
  });
});

describe.skipIf(!realPicturesPresent)(realPicturesNote, () => {
  test('are all of this kind, and their pixels are those of sharp', async () => {
    const pictures = realPictures();
    for (const { file, bytes } of pictures) expect(read(bytes), file).toBeDefined();
    for (const { file, bytes } of pictures.filter((_, i) => i % 12 === 0)) {
      await expectAsSharp(bytes, file);
    }
  }, 30_000);
});
