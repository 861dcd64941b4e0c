import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { burstGrid } from '../test/pictures.js';
import { readGravitySpyPng } from './gravity-spy-png.js';
import { renderPng } from './render.js';
import { renderScanSheet } from './scan-sheet.js';

describe('renderScanSheet', () => {
  it('lays figures side by side that read back as a single one does', async () => {
    const windows = [0.5, 1, 2, 4].map((windowSec, i) => ({
      windowSec,
      grid: burstGrid(128, 128, i),
    }));
    const sheet = await renderScanSheet(windows, 'H1 at GPS 1126259462.4');
    const { width, height } = await sharp(sheet).metadata();
    expect([width, height]).toEqual([1600, 1256]);
    const part = { left: 800, top: 656, width: 800, height: 600 };
    const last = await sharp(sheet).extract(part).png().toBuffer();
    const alone = await renderPng(windows[3]!.grid, { windowSec: 4 });
    const [a, b] = await Promise.all([readGravitySpyPng(last), readGravitySpyPng(alone)]);
    expect(Buffer.from(a.grid.data).equals(Buffer.from(b.grid.data))).toBe(true);
  });

  it('refuses no windows', async () => {
    await expect(renderScanSheet([], '')).rejects.toMatchObject({ code: 'bad_render' });
  });
});
