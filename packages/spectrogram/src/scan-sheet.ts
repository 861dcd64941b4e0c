import { createCanvas, finish } from './canvas.js';
import { SpectrogramError } from './errors.js';
import { assertGrid, type SpectrogramGrid } from './grid.js';
import { fitText, textSvg } from './lettering.js';
import { drawFigure } from './render.js';
import type { ShadedTiles } from './shaded-tiles.js';

export interface ScanSheetWindow {
  readonly windowSec: number;
  readonly grid: SpectrogramGrid;
  /** Darkens what matters little and frames what matters most. */
  readonly tiles?: ShadedTiles | undefined;
}

const FIGURE_PX = { width: 800, height: 600 } as const;
const TITLE_PX = 26;
const HEAD_PX = 56;

/**
 * The windows of one scan as Gravity Spy draws them, two in a row, below a common
 * title. Throws `bad_render` for no windows.
 */
export async function renderScanSheet(
  windows: readonly ScanSheetWindow[],
  title: string,
): Promise<Uint8Array> {
  if (windows.length === 0) {
    throw new SpectrogramError(
      'bad_render',
      'scan sheet: expected at least one window, found none',
    );
  }
  const columns = Math.min(2, windows.length);
  const rows = Math.ceil(windows.length / columns);
  const { width: widthPx, height: heightPx } = FIGURE_PX;
  const canvas = createCanvas(columns * widthPx, HEAD_PX + rows * heightPx);
  const shapes = windows.map(({ windowSec, grid, tiles }, i) => {
    assertGrid(grid);
    const left = (i % columns) * widthPx;
    const top = HEAD_PX + Math.floor(i / columns) * heightPx;
    const place = { left, top, widthPx, heightPx };
    return drawFigure(canvas, place, { grid, windowSec, title: `${windowSec} s window`, tiles });
  });
  const shown = fitText(title, TITLE_PX, canvas.widthPx - 80);
  const style = { sizePx: TITLE_PX, anchor: 'middle' } as const;
  return finish(canvas, textSvg(shown, canvas.widthPx / 2, 42, style) + shapes.join(''));
}
