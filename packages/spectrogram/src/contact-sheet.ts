import { createCanvas, drawGrid, finish } from './canvas.js';
import { SpectrogramError } from './errors.js';
import type { SpectrogramGrid } from './grid.js';
import { fitText, textSvg } from './lettering.js';
import { smoothResize } from './smooth-resize.js';

export interface ContactSheetItem {
  readonly grid: SpectrogramGrid;
  /** First line below the picture. */
  readonly caption?: string;
  /** Second line, smaller and grey. */
  readonly detail?: string;
}

export interface ContactSheetOptions {
  /** Pictures in a row; default 8, at most as many as there are. */
  readonly columns?: number;
  /** Size of one picture; default 160 x 134, the proportions of the full figure. */
  readonly cellWidthPx?: number;
  readonly cellHeightPx?: number;
  /** Above the whole sheet. */
  readonly title?: string;
}

/**
 * Many small pictures with captions in one PNG, row by row in the given order.
 * Captions that are too long end in an ellipsis. Throws `bad_render` for no
 * items, bad sizes or a sheet above 40 million pixels.
 */
export async function renderContactSheet(
  items: readonly ContactSheetItem[],
  options: ContactSheetOptions = {},
): Promise<Uint8Array> {
  const { cellWidthPx = 160, cellHeightPx = 134, title } = options;
  const columns = Math.min(options.columns ?? 8, items.length);
  for (const [name, value] of Object.entries({ columns, cellWidthPx, cellHeightPx })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new SpectrogramError(
        'bad_render',
        `contact sheet of ${items.length} items: expected ${name} to be a whole number from 1, found ${value}`,
      );
    }
  }
  const captionPx = Math.min(14, Math.max(9, cellWidthPx / 12));
  const detailPx = captionPx * 0.85;
  const lineCount = items.some((item) => item.detail) ? 2 : items.some((i) => i.caption) ? 1 : 0;
  const captionHeight = [0, Math.round(1.6 * captionPx), Math.round(2.8 * captionPx)][lineCount]!;
  const gap = Math.round(captionPx * 0.9);
  const margin = 2 * gap;
  const titlePx = title ? 20 : 0;
  const head = title ? titlePx + 2 * gap : 0;
  const rows = Math.ceil(items.length / columns);
  const stepX = cellWidthPx + gap;
  const stepY = cellHeightPx + captionHeight + gap;
  const canvas = createCanvas(
    2 * margin + columns * stepX - gap,
    2 * margin + head + rows * stepY - gap,
  );
  const shapes: string[] = [];
  if (title) {
    const shown = fitText(title, titlePx, canvas.widthPx - 2 * margin);
    shapes.push(textSvg(shown, margin, margin + titlePx * 0.8, { sizePx: titlePx }));
  }
  items.forEach((item, i) => {
    const x = margin + (i % columns) * stepX;
    const y = margin + head + Math.floor(i / columns) * stepY;
    drawGrid(
      canvas,
      smoothResize(item.grid, { nFrequency: cellHeightPx, nTime: cellWidthPx }),
      x,
      y,
    );
    const below = y + cellHeightPx;
    if (item.caption) {
      shapes.push(
        textSvg(fitText(item.caption, captionPx, cellWidthPx), x, below + 1.3 * captionPx, {
          sizePx: captionPx,
          colour: '#1a1a1a',
        }),
      );
    }
    if (item.detail) {
      shapes.push(
        textSvg(fitText(item.detail, detailPx, cellWidthPx), x, below + 2.45 * captionPx, {
          sizePx: detailPx,
          colour: '#666',
        }),
      );
    }
  });
  return finish(canvas, shapes.join(''));
}
