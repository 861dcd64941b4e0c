import sharp from 'sharp';
import { SpectrogramError } from './errors.js';
import type { SpectrogramGrid } from './grid.js';
import { VIRIDIS_RGB } from './viridis.js';

/** A white RGB sheet on which grids are laid pixel by pixel, and line art over them. */
export interface Canvas {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly rgb: Uint8Array;
}

const MAX_SHEET_PIXELS = 40_000_000;

/** Throws `bad_render` for sides that are no whole numbers or a sheet too large to draw. */
export function createCanvas(widthPx: number, heightPx: number): Canvas {
  const isSide = (side: number): boolean => Number.isInteger(side) && side > 0;
  if (!isSide(widthPx) || !isSide(heightPx) || widthPx * heightPx > MAX_SHEET_PIXELS) {
    throw new SpectrogramError(
      'bad_render',
      `picture size: expected whole sides of at most ${MAX_SHEET_PIXELS} pixels in all, found ${widthPx} x ${heightPx}`,
    );
  }
  return { widthPx, heightPx, rgb: new Uint8Array(widthPx * heightPx * 3).fill(255) };
}

/** Draws a grid, one pixel a cell, with its upper left cell at (x, y). */
export function drawGrid(canvas: Canvas, grid: SpectrogramGrid, x: number, y: number): void {
  const { data, nTime, nFrequency } = grid;
  for (let row = 0; row < nFrequency; row++) {
    let to = ((y + row) * canvas.widthPx + x) * 3;
    for (let cell = row * nTime; cell < (row + 1) * nTime; cell++) {
      const from = 3 * data[cell]!;
      canvas.rgb[to++] = VIRIDIS_RGB[from]!;
      canvas.rgb[to++] = VIRIDIS_RGB[from + 1]!;
      canvas.rgb[to++] = VIRIDIS_RGB[from + 2]!;
    }
  }
}

/** The canvas with SVG shapes over it as a PNG; pixels under no shape stay exactly as drawn. */
export async function finish(canvas: Canvas, shapes: string): Promise<Uint8Array> {
  const { widthPx, heightPx, rgb } = canvas;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}">${shapes}</svg>`;
  const art = await sharp(Buffer.from(svg), { limitInputPixels: MAX_SHEET_PIXELS })
    .ensureAlpha()
    .raw()
    .toBuffer();
  for (let i = 0, from = 0; i < rgb.length; i += 3, from += 4) {
    const alpha = art[from + 3]!;
    if (alpha === 0) continue;
    for (let c = 0; c < 3; c++) {
      rgb[i + c] = Math.round((art[from + c]! * alpha + rgb[i + c]! * (255 - alpha)) / 255);
    }
  }
  return (
    sharp(rgb, { raw: { width: widthPx, height: heightPx, channels: 3 } })
      // Level 4 without filters: 8 ms for 800 x 600 where level 6 takes 25 and saves 12 %.
      .png({ compressionLevel: 4, adaptiveFiltering: false })
      .toBuffer()
  );
}

/** A filled rectangle on whole pixels, without soft edges. */
export function rectSvg(
  x: number,
  y: number,
  widthPx: number,
  heightPx: number,
  colour = '#000',
): string {
  return `<path fill="${colour}" shape-rendering="crispEdges" d="M${x} ${y}h${widthPx}v${heightPx}h${-widthPx}z"/>`;
}

/** The outline of a box: lines of `thickness` pixels just outside its left and top edge's first pixel. */
export function outlineSvg(
  x: number,
  y: number,
  widthPx: number,
  heightPx: number,
  colour = '#000',
): string {
  return (
    rectSvg(x, y, widthPx + 1, 1, colour) +
    rectSvg(x, y + heightPx, widthPx + 1, 1, colour) +
    rectSvg(x, y, 1, heightPx + 1, colour) +
    rectSvg(x + widthPx, y, 1, heightPx + 1, colour)
  );
}
