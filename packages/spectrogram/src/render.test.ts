import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { burstGrid } from '../test/pictures.js';
import { renderContactSheet } from './contact-sheet.js';
import { fitText, textSvg, textWidthPx } from './lettering.js';
import { type RenderOptions, renderPng } from './render.js';
import { boxResample } from './resample.js';
import { smoothResize } from './smooth-resize.js';
import { FAR, viridisLevel } from './viridis.js';

const grid = burstGrid(128, 128);

async function pixels(png: Uint8Array) {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const colourAt = (x: number, y: number): [number, number, number] => {
    const i = (y * info.width + x) * info.channels;
    return [data[i]!, data[i + 1]!, data[i + 2]!];
  };
  return { width: info.width, height: info.height, colourAt };
}

describe('renderPng', () => {
  test('without axes it is the grid, pixel by pixel', async () => {
    const png = await pixels(await renderPng(grid, { windowSec: 1, axes: false }));
    expect([png.width, png.height]).toEqual([128, 128]);
    for (let i = 0; i < grid.data.length; i++) {
      const level = viridisLevel(...png.colourAt(i % 128, Math.floor(i / 128)));
      expect(Math.abs(level - grid.data[i]!)).toBeLessThanOrEqual(1);
    }
  });

  test('a larger thumbnail stays within the colours of viridis', async () => {
    const options = { windowSec: 1, axes: false, widthPx: 320, heightPx: 240 };
    const png = await pixels(await renderPng(grid, options));
    expect([png.width, png.height]).toEqual([320, 240]);
    for (let y = 0; y < 240; y += 3) {
      for (let x = 0; x < 320; x += 3) {
        expect(viridisLevel(...png.colourAt(x, y)) & FAR).toBe(0);
      }
    }
  });

  test.each([
    [800, 600],
    [400, 300],
    [1200, 800],
  ])('a figure of %i x %i has title, labels, ticks and colour bar', async (widthPx, heightPx) => {
    const figure = await renderPng(grid, { windowSec: 0.5, widthPx, heightPx, title: 'A title' });
    const png = await pixels(figure);
    expect([png.width, png.height]).toEqual([widthPx, heightPx]);
    const scale = Math.min(widthPx / 800, heightPx / 600);
    const isInk = (x: number, y: number): boolean => Math.max(...png.colourAt(x, y)) < 140;
    const hasInk = (x0: number, y0: number, x1: number, y1: number): boolean => {
      for (let y = Math.round(y0); y < y1; y++) {
        for (let x = Math.round(x0); x < x1; x++) if (isInk(x, y)) return true;
      }
      return false;
    };
    const right = widthPx - 126 * scale;
    expect(hasInk(100 * scale, 0, right, 58 * scale)).toBe(true); // title
    expect(hasInk(0, 60 * scale, 40 * scale, heightPx - 60 * scale)).toBe(true); // frequency
    expect(hasInk(45 * scale, 60 * scale, 92 * scale, heightPx - 60 * scale)).toBe(true); // its ticks
    expect(hasInk(100 * scale, heightPx - 55 * scale, right, heightPx - 30 * scale)).toBe(true);
    const barTop = png.colourAt(Math.round(right + 32 * scale), Math.round(64 * scale));
    expect(viridisLevel(...barTop)).toBeGreaterThan(245);
  });

  test.each<[string, RenderOptions]>([
    ['windowSec', { windowSec: 0 }],
    ['windowSec', { windowSec: Number.NaN }],
    ['widthPx', { windowSec: 1, widthPx: 99 }],
    ['heightPx', { windowSec: 1, heightPx: 300.5 }],
    ['widthPx', { windowSec: 1, widthPx: 100_000, axes: false }],
  ])('refuses a wrong %s', async (field, options) => {
    await expect(renderPng(grid, options)).rejects.toMatchObject({
      code: 'bad_render',
      message: expect.stringContaining(field),
    });
  });

  test('any text is drawn: markup, accents, other scripts', async () => {
    const title = '<b>&"\' Ångström → 日本 \u0000 é '.repeat(4);
    await expect(renderPng(grid, { windowSec: 1, title })).resolves.toBeInstanceOf(Uint8Array);
  });
});

describe('smoothResize', () => {
  test('keeps the means of the old cells when it grows', () => {
    const smooth = { ...grid, data: grid.data.map((_, i) => 60 + 50 * Math.sin(i / 300)) };
    const grown = smoothResize(smooth, { nFrequency: 480, nTime: 574 });
    const back = boxResample(grown, { nFrequency: 128, nTime: 128 });
    for (let i = 0; i < back.data.length; i++) {
      expect(Math.abs(back.data[i]! - smooth.data[i]!)).toBeLessThanOrEqual(1);
    }
  });

  test('a constant stays constant, at any size', () => {
    const flat = { nFrequency: 3, nTime: 5, data: new Uint8Array(15).fill(200) };
    for (const shape of [
      { nFrequency: 1, nTime: 1 },
      { nFrequency: 7, nTime: 2 },
      { nFrequency: 50, nTime: 60 },
    ]) {
      expect(new Set(smoothResize(flat, shape).data)).toEqual(new Set([200]));
    }
  });

  test('shrinking takes box means', () => {
    const shape = { nFrequency: 60, nTime: 50 };
    const a = smoothResize(grid, shape);
    const b = boxResample(grid, shape);
    for (let i = 0; i < a.data.length; i++) {
      expect(Math.abs(a.data[i]! - b.data[i]!)).toBeLessThanOrEqual(1);
    }
  });
});

describe('renderContactSheet', () => {
  test('lays the pictures out in rows, in order', async () => {
    const items = [0, 120, 250].map((level) => ({
      grid: { nFrequency: 4, nTime: 4, data: new Uint8Array(16).fill(level) },
    }));
    const options = { columns: 2, cellWidthPx: 40, cellHeightPx: 30 };
    const png = await pixels(await renderContactSheet(items, options));
    const margin = 2 * Math.round(9 * 0.9);
    const gap = margin / 2;
    expect([png.width, png.height]).toEqual([2 * margin + 80 + gap, 2 * margin + 60 + gap]);
    const levelAt = (x: number, y: number): number => viridisLevel(...png.colourAt(x, y));
    expect(levelAt(margin + 5, margin + 5)).toBe(0);
    expect(levelAt(margin + 40 + gap + 5, margin + 5)).toBe(120);
    expect(levelAt(margin + 5, margin + 30 + gap + 5)).toBe(250);
    expect(png.colourAt(margin + 40 + gap + 5, margin + 30 + gap + 5)).toEqual([255, 255, 255]);
  });

  test('captions that are too long are shortened', async () => {
    const caption = 'a caption far too long for so small a picture';
    const png = await renderContactSheet([{ grid, caption, detail: caption }], {
      cellWidthPx: 60,
      cellHeightPx: 50,
      title: 'One',
    });
    const { width, height, colourAt } = await pixels(png);
    for (let y = 0; y < height; y++) expect(colourAt(width - 3, y)).toEqual([255, 255, 255]);
  });

  test('refuses what cannot be drawn', async () => {
    await expect(renderContactSheet([])).rejects.toMatchObject({ code: 'bad_render' });
    await expect(
      renderContactSheet([{ grid }], { cellWidthPx: 9000, cellHeightPx: 9000 }),
    ).rejects.toMatchObject({ code: 'bad_render' });
  });
});

describe('lettering', () => {
  test('text is outlines only, so no font is needed', () => {
    const svg = textSvg('10 < 20 & "x"', 5, 6, { sizePx: 12 });
    expect(svg).not.toContain('<text');
    expect(svg).not.toContain('&');
    expect(svg.match(/<path/g)?.length).toBe(9);
  });

  test('widths add up, and an ellipsis makes text fit', () => {
    expect(textWidthPx('ab', 10)).toBeCloseTo(textWidthPx('a', 10) + textWidthPx('b', 10), 9);
    expect(fitText('short', 10, 500)).toBe('short');
    const fitted = fitText('a rather long caption', 10, 60);
    expect(fitted.endsWith('…')).toBe(true);
    expect(textWidthPx(fitted, 10)).toBeLessThanOrEqual(60);
  });
});
