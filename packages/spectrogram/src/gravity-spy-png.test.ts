import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { burstGrid } from '../test/pictures.js';
import { createCanvas, drawGrid, finish, rectSvg } from './canvas.js';
import { decodeGravitySpyPngToMessageGrid, readGravitySpyPng } from './gravity-spy-png.js';
import type { SpectrogramGrid } from './grid.js';
import { renderPng } from './render.js';
import { toMessageGrid } from './resample.js';
import { viridisLevel } from './viridis.js';

/** Largest difference of two grids of one shape over the cells that `where` allows. */
function worst(
  a: SpectrogramGrid,
  b: SpectrogramGrid,
  where: (x: number, y: number) => boolean = () => true,
): number {
  expect([a.nFrequency, a.nTime]).toEqual([b.nFrequency, b.nTime]);
  let most = 0;
  for (let i = 0; i < a.data.length; i++) {
    if (!where(i % a.nTime, Math.floor(i / a.nTime))) continue;
    most = Math.max(most, Math.abs(a.data[i]! - b.data[i]!));
  }
  return most;
}

const source = burstGrid(480, 574);

/** The frame line hides the first column and the first row. */
const insideFrame = (x: number, y: number): boolean => x > 0 && y > 0;

/** A plot in a frame of `thickness` at any place on an 800 x 600 sheet, without ticks. */
async function framedPlot(x: number, y: number, thickness: number): Promise<Uint8Array> {
  const canvas = createCanvas(800, 600);
  drawGrid(canvas, source, x, y);
  const [w, h, t] = [source.nTime, source.nFrequency, thickness];
  return finish(
    canvas,
    rectSvg(x + 1 - t, y + 1 - t, w + 2 * t - 1, t) +
      rectSvg(x + 1 - t, y + h, w + 2 * t - 1, t) +
      rectSvg(x + 1 - t, y + 1 - t, t, h + 2 * t - 1) +
      rectSvg(x + w, y + 1 - t, t, h + 2 * t - 1),
  );
}

describe('readGravitySpyPng', () => {
  test('reads a full figure cell by cell', async () => {
    const { layout, grid } = await readGravitySpyPng(await renderPng(source, { windowSec: 0.5 }));
    expect(layout).toBe('full-figure');
    expect(grid.frequencyRangeHz).toBeUndefined();
    // One level for the two doubled colours of viridis.
    expect(worst(grid, source, insideFrame)).toBeLessThanOrEqual(1);
    // What the frame hides repeats its neighbour.
    expect(grid.data[300 * 574]).toBe(grid.data[300 * 574 + 1]);
    expect(grid.data[200]).toBe(grid.data[574 + 200]);
  });

  test.each([
    [100, 60, 1],
    [80, 40, 1],
    [130, 75, 1],
    [99, 61, 2],
  ])('finds the plot by its frame: at %i, %i with lines of %i', async (x, y, thickness) => {
    const { grid } = await readGravitySpyPng(await framedPlot(x, y, thickness));
    const found = toMessageGrid(grid);
    const wanted = toMessageGrid(source);
    const off = found.data.reduce((sum, v, i) => sum + Math.abs(v - wanted.data[i]!), 0);
    expect(off / found.data.length).toBeLessThan(thickness === 1 ? 0.1 : 1.5);
    if (thickness === 1) expect(worst(grid, source, insideFrame)).toBeLessThanOrEqual(1);
  });

  test('the same glitch in both layouts gives the same grid', async () => {
    const figure = await renderPng(source, { windowSec: 1 });
    const crop = await sharp(figure)
      .extract({ left: 100, top: 60, width: 569, height: 479 })
      .png()
      .toBuffer();
    const full = await readGravitySpyPng(figure);
    const cropped = await readGravitySpyPng(crop);
    expect(cropped.layout).toBe('cropped-axes');
    // Row and column 1 are lightened in a crop, whose frame lines have soft edges.
    const seen = (x: number, y: number): boolean => x > 1 && y > 1 && x < 569 && y < 479;
    expect(worst(full.grid, cropped.grid, seen)).toBe(0);
    const repeats = (x: number, y: number): boolean => x >= 569 && y > 1 && y < 479;
    for (let i = 0; i < cropped.grid.data.length; i++) {
      const x = i % 574;
      const y = Math.floor(i / 574);
      if (repeats(x, y)) expect(cropped.grid.data[i]).toBe(cropped.grid.data[y * 574 + 568]);
    }
    const inner = (x: number, y: number): boolean => x > 0 && y > 0 && x < 126 && y < 127;
    expect(worst(toMessageGrid(full.grid), toMessageGrid(cropped.grid), inner)).toBe(0);
  });

  test('reads the range of a frequency axis from its ticks', async () => {
    for (const range of [
      { low: 10.9, high: 1889 },
      { low: 10.5, high: 1950 },
      { low: 12, high: 1500 },
    ]) {
      const figure = await renderPng({ ...source, frequencyRangeHz: range }, { windowSec: 1 });
      const found = (await readGravitySpyPng(figure)).grid.frequencyRangeHz;
      expect(found!.low / range.low).toBeCloseTo(1, 2);
      expect(found!.high / range.high).toBeCloseTo(1, 2);
    }
  });

  test('removes tick marks drawn into the plot', async () => {
    const quiet = { ...source, data: new Uint8Array(source.data.length).fill(20) };
    const canvas = createCanvas(800, 600);
    drawGrid(canvas, quiet, 100, 60);
    // Mixed colours of a smoothed figure beside the ticks must not stop the repair.
    const mixed = viridisLevel(153, 140, 66) & 255;
    for (let y = 200; y < 300; y++) {
      canvas.rgb.set([153, 140, 66], 3 * (y * 800 + 103));
      quiet.data[(y - 60) * 574 + 3] = mixed;
    }
    let shapes = '';
    for (const [x, y, w, h] of [
      [100, 60, 575, 1],
      [100, 540, 575, 1],
      [100, 60, 1, 481],
      [674, 60, 1, 481],
    ] as const) {
      shapes += rectSvg(x, y, w, h);
    }
    for (let y = 123; y < 520; y += 62.5) {
      shapes += rectSvg(101, Math.round(y), 6, 1) + rectSvg(668, Math.round(y), 6, 1);
    }
    for (const x of [243, 387, 530]) shapes += rectSvg(x, 534, 1, 6) + rectSvg(x, 61, 1, 6);
    const { grid } = await readGravitySpyPng(await finish(canvas, shapes));
    expect(worst(grid, quiet)).toBe(0);
  });

  test('RGB, palette, interlaced and 16-bit files read alike', async () => {
    const rgb = await renderPng(source, { windowSec: 1 });
    const wanted = (await readGravitySpyPng(rgb)).grid;
    const variants = [
      await sharp(rgb).ensureAlpha().png().toBuffer(),
      await sharp(rgb).png({ progressive: true }).toBuffer(),
      await sharp(rgb).toColourspace('rgb16').png().toBuffer(),
    ];
    for (const bytes of variants) {
      expect(worst((await readGravitySpyPng(bytes)).grid, wanted)).toBe(0);
    }
  });

  test('a message grid drawn as a figure reads back to itself', async () => {
    const grid = burstGrid(128, 128, 9);
    const back = await decodeGravitySpyPngToMessageGrid(await renderPng(grid, { windowSec: 2 }));
    const off = back.data.reduce((sum, v, i) => sum + Math.abs(v - grid.data[i]!), 0);
    expect(off / back.data.length).toBeLessThan(1);
  });
});
