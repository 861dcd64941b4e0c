import { outlineSvg, rectSvg } from './canvas.js';
import { SpectrogramError } from './errors.js';

/** How much each tile of a plot matters, 0 to 1, row by row from the highest frequency. */
export interface ShadedTiles {
  readonly rows: number;
  readonly columns: number;
  readonly shares: readonly number[];
}

/** How much darker a tile gets that matters nothing. */
const DIMMEST = 0.74;
/** From here on a tile gets a frame. */
const FRAMED = 0.5;

export interface PlotBox {
  readonly x: number;
  readonly y: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Darkness and frames to lay over a plot: no hue, so the colours below stay readable. */
export function shadedTilesSvg({ rows, columns, shares }: ShadedTiles, box: PlotBox): string {
  if (shares.length !== rows * columns) {
    throw new SpectrogramError(
      'bad_render',
      `tiles: expected ${rows} x ${columns} shares, found ${shares.length}`,
    );
  }
  const across = (column: number) => box.x + Math.round((column * box.widthPx) / columns);
  const down = (row: number) => box.y + Math.round((row * box.heightPx) / rows);
  const dim: string[] = [];
  const frames: string[] = [];
  shares.forEach((share, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const [x, y] = [across(column), down(row)];
    const [width, height] = [across(column + 1) - x, down(row + 1) - y];
    const opacity = DIMMEST * (1 - Math.min(1, Math.max(0, share)));
    dim.push(`<g opacity="${opacity.toFixed(3)}">${rectSvg(x, y, width, height, '#05070a')}</g>`);
    if (share < FRAMED) return;
    frames.push(outlineSvg(x + 1, y + 1, width - 3, height - 3, '#fff'));
    frames.push(outlineSvg(x + 2, y + 2, width - 5, height - 5, '#fff'));
  });
  return dim.join('') + frames.join('');
}
