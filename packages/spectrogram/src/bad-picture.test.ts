import sharp, { type Sharp } from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  burstGrid,
  PNG_SIGNATURE,
  pngHeaderOnly,
  pngOf,
  pngWithShortData,
} from '../test/pictures.js';
import { readGravitySpyPng } from './gravity-spy-png.js';
import { renderPng } from './render.js';

async function check(bytes: Uint8Array, code: string, message: RegExp): Promise<void> {
  await expect(readGravitySpyPng(bytes)).rejects.toMatchObject({
    name: 'SpectrogramError',
    code,
    message: expect.stringMatching(message),
  });
}

const grey = async (): Promise<Sharp> =>
  sharp({ create: { width: 800, height: 600, channels: 3, background: '#888' } });

describe('bad pictures', () => {
  let figure: Uint8Array;
  beforeAll(async () => {
    figure = await renderPng(burstGrid(128, 128), { windowSec: 1 });
  });

  test('a JPEG, and other files, named PNG', async () => {
    const jpeg = await (await grey()).jpeg().toBuffer();
    await check(jpeg, 'not_a_png', /expected a PNG file, found a JPEG/);
    await check(new Uint8Array(0), 'not_a_png', /an empty file/);
    await check(Buffer.from('<html>404</html>'), 'not_a_png', /markup/);
    await check(Buffer.from('plain words'), 'not_a_png', /begin with 706c61696e/);
  });

  test('a picture of 400 million pixels is refused by its header alone', async () => {
    const bomb = pngHeaderOnly(20_000, 20_000);
    expect(bomb.length).toBe(33);
    await check(bomb, 'too_large', /20000 x 20000 = 400000000 pixels, the limit is 4000000/);
    await check(pngHeaderOnly(0xffffffff, 0xffffffff), 'too_large', /the limit is/);
  });

  test('a file of 9 MB is refused unread', async () => {
    const padded = Buffer.concat([figure, Buffer.alloc(9_000_000)]);
    await check(padded, 'too_large', /bytes, the limit is 8388608/);
  });

  test('a file cut anywhere is truncated', async () => {
    for (const length of [
      8,
      20,
      33,
      60,
      figure.length >> 1,
      figure.length - 12,
      figure.length - 1,
    ]) {
      await check(figure.subarray(0, length), 'truncated', /expected/);
    }
    await check(PNG_SIGNATURE.subarray(0, 3), 'truncated', /24 bytes of header, found 3/);
  });

  test('other sizes are named beside the expected ones', async () => {
    const other = await pngOf(640, 480, () => [68, 1, 84]);
    await check(
      other,
      'unknown_layout',
      /expected 800 x 600 \(full-figure\) or 569 x 479 \(cropped-axes\), found 640 x 480/,
    );
    await check(pngHeaderOnly(0, 600), 'unknown_layout', /found 0 x 600/);
  });

  test('damage inside a complete file', async () => {
    await check(pngWithShortData(800, 600), 'corrupt', /expected a picture, found damage/);
    const flipped = Uint8Array.from(figure);
    for (let i = 0; i < 64; i++) flipped[(figure.length >> 1) + i]! ^= 0xa5;
    await check(flipped, 'corrupt', /found damage/);
    const noHeader = Uint8Array.from(figure);
    noHeader[12] = 0x58;
    await check(noHeader, 'corrupt', /expected an IHDR chunk of 13 bytes first, found XHDR/);
  });

  test('a full figure without a frame', async () => {
    await check(await pngOf(800, 600, () => [68, 1, 84]), 'unknown_layout', /found no frame/);
    await check(await pngOf(800, 600, () => [0, 0, 0]), 'unknown_layout', /found no frame/);
    await check(await pngOf(800, 600, () => [255, 255, 255]), 'unknown_layout', /found no frame/);
  });

  test('plots in other colours', async () => {
    const jet = await pngOf(569, 479, (x) => [(x * 7) & 255, 40, 255 - ((x * 7) & 255)]);
    await check(jet, 'not_viridis', /expected viridis, found \d+\.\d % of the pixels/);
    const grey = await sharp(figure).greyscale().png().toBuffer();
    await check(grey, 'not_viridis', /viridis/);
    const greyCopy = await sharp(figure).greyscale().toColourspace('srgb').png().toBuffer();
    await check(greyCopy, 'not_viridis', /viridis/);
    const negative = await sharp(await sharp(figure).extract(cropped).negate().toBuffer())
      .png()
      .toBuffer();
    await check(negative, 'not_viridis', /100\.0 %/);
  });
});

const cropped = { left: 101, top: 61, width: 569, height: 479 };
