import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type RealPicture,
  realPictures,
  realPicturesNote,
  realPicturesPresent,
} from '../test/pictures.js';
import { type GravitySpyPicture, readGravitySpyPng } from './gravity-spy-png.js';
import type { SpectrogramGrid } from './grid.js';
import { decodeGrid, encodeGrid } from './grid-codec.js';
import { renderPng } from './render.js';
import { toMessageGrid } from './resample.js';
import { FAR, VIRIDIS_RGB, viridisLevel } from './viridis.js';

/** Levels a picture may lose on its way to a grid and back. */
const TOLERANCE_LEVELS = 2;

/** Marks a colour that is not exactly one of the table's. */
const MIXED = 0x200;

/** Level of every pixel, with `FAR` and `MIXED`, by its colour alone. */
async function levelsOf(bytes: Uint8Array): Promise<{ levels: Uint16Array; widthPx: number }> {
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  const levels = new Uint16Array(info.width * info.height);
  // The test runner looks an import up on every use: 10 times slower in a loop.
  const [levelOf, table] = [viridisLevel, VIRIDIS_RGB];
  for (let i = 0, at = 0; i < levels.length; i++, at += info.channels) {
    const level = levelOf(data[at]!, data[at + 1]!, data[at + 2]!);
    const own = 3 * (level & 255);
    const isExact =
      data[at] === table[own] && data[at + 1] === table[own + 1] && data[at + 2] === table[own + 2];
    levels[i] = isExact ? level : level | MIXED;
  }
  return { levels, widthPx: info.width };
}

/** The plot of a picture made from the grid must give the grid again. */
async function worstAgain(grid: SpectrogramGrid): Promise<number> {
  const { levels } = await levelsOf(await renderPng(grid, { windowSec: 1, axes: false }));
  expect(levels.length).toBe(grid.data.length);
  let worst = 0;
  for (let i = 0; i < levels.length; i++) {
    worst = Math.max(worst, Math.abs(levels[i]! - grid.data[i]!));
  }
  return worst;
}

/**
 * Wherever the original has a colour of the table, that level must be in the
 * grid at the place where the axes put it (but for the frame, its soft edge,
 * and what a crop lacks).
 */
async function worstOfOriginal(bytes: Uint8Array, { layout, grid }: GravitySpyPicture) {
  const { levels, widthPx } = await levelsOf(bytes);
  const { data } = grid;
  const skip = MIXED | FAR;
  const [x0, y0] = layout === 'full-figure' ? [100, 60] : [0, 0];
  let worst = 0;
  let compared = 0;
  for (let y = 2; y < 479; y++) {
    for (let x = 2; x < 569; x++) {
      const level = levels[(y0 + y) * widthPx + x0 + x]!;
      if (level & skip) continue;
      compared++;
      worst = Math.max(worst, Math.abs(level - data[y * 574 + x]!));
    }
  }
  return { worst, compared };
}

describe.skipIf(!realPicturesPresent)(realPicturesNote, () => {
  const read: { picture: RealPicture; result: GravitySpyPicture }[] = [];
  beforeAll(async () => {
    for (const picture of realPictures()) {
      read.push({ picture, result: await readGravitySpyPng(picture.bytes) });
    }
  }, 120_000);

  test('all are read, and known by their layout', () => {
    expect(read.length).toBeGreaterThan(400);
    for (const { picture, result } of read) {
      expect(result.layout, picture.file).toBe(picture.layout);
      expect([result.grid.nFrequency, result.grid.nTime]).toEqual([480, 574]);
    }
  });

  test('all keep their levels there and back', async () => {
    for (const { picture, result } of read) {
      expect(await worstAgain(result.grid), picture.file).toBeLessThanOrEqual(TOLERANCE_LEVELS);
      const { worst, compared } = await worstOfOriginal(picture.bytes, result);
      expect(worst, picture.file).toBeLessThanOrEqual(TOLERANCE_LEVELS);
      expect(compared, picture.file).toBeGreaterThan(0.1 * result.grid.data.length);
    }
  }, 240_000);

  test('four message grids of a glitch take at most 40 kB', () => {
    const sizes = new Map<string, number[]>();
    for (const { picture, result } of read) {
      const grid = toMessageGrid(result.grid);
      const code = encodeGrid(grid);
      expect(decodeGrid(code, 128, 128).data.every((v, i) => v === grid.data[i])).toBe(true);
      sizes.set(picture.glitch, [...(sizes.get(picture.glitch) ?? []), code.length]);
    }
    const totals = [...sizes.values()]
      .filter((codes) => codes.length === 4)
      .map((codes) => codes.reduce((sum, length) => sum + length, 0));
    expect(totals.length).toBeGreaterThan(50);
    expect(Math.max(...totals)).toBeLessThanOrEqual(40_000);
  }, 60_000);

  test('the early pictures are known by their frequency axes', () => {
    const early = read.filter(({ picture }) => picture.file.includes('Blip/H1_0Sug0tqkoL'));
    expect(early.length).toBe(4);
    for (const { result } of early) {
      expect(result.grid.frequencyRangeHz?.low).toBeCloseTo(10.9, 0);
      expect(result.grid.frequencyRangeHz!.high / 1885).toBeCloseTo(1, 2);
    }
  });

  test('a full figure cropped as on Kaggle gives the same cells', async () => {
    // A crop shows no ticks, so early pictures with another axis do not count.
    const full = read.filter(
      ({ result }) => result.layout === 'full-figure' && !result.grid.frequencyRangeHz,
    );
    for (const { picture, result } of full.filter((_, i) => i % 30 === 0)) {
      const crop = await sharp(picture.bytes)
        .extract({ left: 100, top: 60, width: 569, height: 479 })
        .png()
        .toBuffer();
      const cropped = (await readGravitySpyPng(crop)).grid;
      let worst = 0;
      for (let y = 0; y < 479; y++) {
        for (let x = 0; x < 569; x++) {
          const i = y * 574 + x;
          worst = Math.max(worst, Math.abs(cropped.data[i]! - result.grid.data[i]!));
        }
      }
      expect(worst, picture.file).toBe(0);
    }
  });
});
