import sharp, { type OutputInfo } from 'sharp';
import type { Pixels } from './axes-box.js';
import { SpectrogramError } from './errors.js';
import type { SpectrogramGrid } from './grid.js';
import { layoutOfSize, locatePlot, type PictureLayout } from './picture-layout.js';
import { invertPlot } from './plot-area.js';
import { assertComplete, MAX_PIXELS, readPngHeader } from './png-header.js';
import { toMessageGrid } from './resample.js';
import { readRgbaPng } from './rgba-png.js';

export interface GravitySpyPicture {
  readonly layout: PictureLayout;
  /**
   * At the resolution of the picture, 480 x 574 for both layouts: the same
   * glitch in either gives the same cells (but for the five columns and the one
   * row that a cropped picture lacks, which repeat its last ones).
   */
  readonly grid: SpectrogramGrid;
}

/**
 * Reads a Gravity Spy PNG of either layout. The size in the header is checked
 * before anything is unpacked. Throws `not_a_png`, `truncated`, `corrupt`,
 * `too_large`, `unknown_layout` or `not_viridis`.
 */
export async function readGravitySpyPng(bytes: Uint8Array): Promise<GravitySpyPicture> {
  const size = readPngHeader(bytes);
  const layout = layoutOfSize(size);
  assertComplete(bytes);
  // Not awaited where it need not be: what the first gives is void after this turn.
  const pixels = readRgbaPng(bytes, size) ?? (await decode(bytes));
  return { layout, grid: invertPlot(pixels, locatePlot(pixels, layout)) };
}

/** `readGravitySpyPng` and `toMessageGrid` in one: what ingest does with every picture. */
export async function decodeGravitySpyPngToMessageGrid(
  bytes: Uint8Array,
): Promise<SpectrogramGrid> {
  return toMessageGrid((await readGravitySpyPng(bytes)).grid);
}

/** Every other kind of PNG, and the word for what is damaged. */
async function decode(bytes: Uint8Array): Promise<Pixels> {
  let decoded: { data: Buffer; info: OutputInfo };
  try {
    decoded = await sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'warning' })
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
  } catch (cause) {
    throw new SpectrogramError(
      'corrupt',
      `PNG of ${bytes.length} bytes: expected a picture, found damage (${(cause as Error).message})`,
      { cause },
    );
  }
  const { width, height, channels } = decoded.info;
  if (channels < 4) {
    throw new SpectrogramError('not_viridis', 'plot colours: expected viridis, found grey');
  }
  return { data: decoded.data, widthPx: width, heightPx: height };
}
