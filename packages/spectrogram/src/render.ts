import { type Canvas, createCanvas, drawGrid, finish, outlineSvg, rectSvg } from './canvas.js';
import { SpectrogramError } from './errors.js';
import {
  assertGrid,
  ENERGY_PER_LEVEL,
  FREQUENCY_RANGE_HZ,
  rowAtFrequency,
  type SpectrogramGrid,
} from './grid.js';
import { encodeIndexedPng } from './indexed-png.js';
import { fitText, textSvg } from './lettering.js';
import { type ShadedTiles, shadedTilesSvg } from './shaded-tiles.js';
import { smoothResize } from './smooth-resize.js';

export interface RenderOptions {
  /** Width of the whole picture. Default 800 with axes, one pixel a cell without. */
  readonly widthPx?: number;
  readonly heightPx?: number;
  /** Axes, title and colour bar (default), or nothing but the plot. */
  readonly axes?: boolean;
  /** Length of the window, seconds: labels the time axis. */
  readonly windowSec: number;
  /** Above the plot; default names the window. */
  readonly title?: string;
}

/**
 * A grid as a PNG in viridis. With axes it has the proportions of a Gravity Spy
 * figure, and at 800 x 600 `readGravitySpyPng` reads it back; without axes it is
 * a palette PNG in which a pixel's index is the level. Throws `bad_render`.
 */
export async function renderPng(
  grid: SpectrogramGrid,
  options: RenderOptions,
): Promise<Uint8Array> {
  assertGrid(grid);
  const { axes = true, windowSec } = options;
  if (!(windowSec > 0 && Number.isFinite(windowSec))) {
    throw new SpectrogramError('bad_render', `windowSec: expected seconds, found ${windowSec}`);
  }
  if (axes) return renderFigure(grid, options);
  const nTime = options.widthPx ?? grid.nTime;
  const nFrequency = options.heightPx ?? grid.nFrequency;
  assertSide('widthPx', nTime, 1);
  assertSide('heightPx', nFrequency, 1);
  return encodeIndexedPng(smoothResize(grid, { nFrequency, nTime }));
}

const MAX_SIDE_PX = 8192;

function assertSide(name: string, side: number, least: number): void {
  if (Number.isInteger(side) && side >= least && side <= MAX_SIDE_PX) return;
  throw new SpectrogramError(
    'bad_render',
    `${name}: expected a whole number from ${least} to ${MAX_SIDE_PX}, found ${side}`,
  );
}

async function renderFigure(grid: SpectrogramGrid, options: RenderOptions): Promise<Uint8Array> {
  const { widthPx = 800, heightPx = 600, windowSec, title = windowTitle(windowSec) } = options;
  assertSide('widthPx', widthPx, 200);
  assertSide('heightPx', heightPx, 150);
  const canvas = createCanvas(widthPx, heightPx);
  const place = { left: 0, top: 0, widthPx, heightPx };
  return finish(canvas, drawFigure(canvas, place, { grid, windowSec, title }));
}

/** Where on a canvas a figure with its margins lies. */
export interface FigurePlace {
  readonly left: number;
  readonly top: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface Figure {
  readonly grid: SpectrogramGrid;
  readonly windowSec: number;
  readonly title: string;
  /** Laid over the plot. */
  readonly tiles?: ShadedTiles | undefined;
}

/** Draws the plot and the colour bar; returns the line art to lay over them. */
export function drawFigure(
  canvas: Canvas,
  { left, top, widthPx, heightPx }: FigurePlace,
  { grid, windowSec, title, tiles }: Figure,
): string {
  // Everything is measured on the 800 x 600 figure and scales with the smaller side.
  const scale = Math.min(widthPx / 800, heightPx / 600);
  const px = (length: number): number => Math.round(length * scale);
  const x = left + px(100);
  const y = top + px(60);
  const width = widthPx - px(126) - px(100);
  const height = heightPx - px(60) - px(60);
  drawGrid(canvas, smoothResize(grid, { nFrequency: height, nTime: width }), x, y);
  const barX = x + width + px(17);
  const barWidth = px(29);
  drawGrid(canvas, colourRamp(barWidth, height), barX, y);

  const tick = Math.max(2, px(5));
  const small = 15 * scale;
  const large = 20 * scale;
  const box = { x, y, widthPx: width, heightPx: height };
  const shapes = [
    tiles === undefined ? '' : shadedTilesSvg(tiles, box),
    outlineSvg(x, y, width, height),
    outlineSvg(barX, y, barWidth, height),
    textSvg(fitText(title, large, widthPx - px(40)), x + width / 2, y - px(17), {
      sizePx: large,
      anchor: 'middle',
    }),
    textSvg('Time (s)', x + width / 2, top + heightPx - px(9), { sizePx: large, anchor: 'middle' }),
    textSvg('Frequency (Hz)', left + px(30), y + height / 2, {
      sizePx: large,
      anchor: 'middle',
      upwards: true,
    }),
    textSvg('Normalized energy', left + widthPx - px(22), y + height / 2, {
      sizePx: small,
      anchor: 'middle',
      upwards: true,
    }),
  ];
  for (const frequencyHz of octavesOf(grid)) {
    const at = y + Math.round((rowAtFrequency(frequencyHz, grid) * height) / grid.nFrequency);
    shapes.push(rectSvg(x - tick, at, tick, 1));
    shapes.push(
      textSvg(String(frequencyHz), x - tick - px(5), at + 0.5 + 0.36 * small, {
        sizePx: small,
        anchor: 'end',
      }),
    );
  }
  for (const quarter of [-2, -1, 0, 1, 2]) {
    const at = x + Math.round(((quarter + 2) * width) / 4);
    shapes.push(rectSvg(at, y + height + 1, 1, tick));
    shapes.push(
      textSvg(signed((quarter * windowSec) / 4), at + 0.5, y + height + tick + px(18), {
        sizePx: small,
        anchor: 'middle',
      }),
    );
  }
  const fullScale = 255 * ENERGY_PER_LEVEL;
  for (let energy = 0; energy <= fullScale; energy += 5) {
    const at = y + Math.round(height * (1 - energy / fullScale));
    shapes.push(rectSvg(barX + barWidth + 1, at, tick, 1));
    shapes.push(
      textSvg(String(energy), barX + barWidth + tick + px(5), at + 0.5 + 0.36 * small, {
        sizePx: small,
      }),
    );
  }
  return shapes.join('');
}

function windowTitle(windowSec: number): string {
  return `${windowSec} s window`;
}

/** Powers of two on the frequency axis, as Gravity Spy labels it, lowest first. */
function octavesOf(grid: SpectrogramGrid): readonly number[] {
  const { low, high } = grid.frequencyRangeHz ?? FREQUENCY_RANGE_HZ;
  const octaves: number[] = [];
  for (let octave = Math.ceil(Math.log2(low)); 2 ** octave <= high * 1.0001; octave++) {
    octaves.push(2 ** octave);
  }
  return octaves;
}

/** The colour bar: full scale on top, zero at the bottom. */
function colourRamp(widthPx: number, heightPx: number): SpectrogramGrid {
  const data = new Uint8Array(widthPx * heightPx);
  for (let y = 0; y < heightPx; y++) {
    data.fill(Math.floor(256 * (1 - (y + 0.5) / heightPx)), y * widthPx, (y + 1) * widthPx);
  }
  return { nFrequency: heightPx, nTime: widthPx, data };
}

/** With a true minus sign and without trailing zeros. */
function signed(value: number): string {
  const digits = String(Number(Math.abs(value).toPrecision(4)));
  return value < 0 ? `−${digits}` : digits;
}
