import { brightest, type Frame, findFrame, type Pixels } from './axes-box.js';
import { SpectrogramError } from './errors.js';
import { frequencyRangeOf } from './frequency-axis.js';
import type { Edges, PlotArea } from './plot-area.js';
import type { PngSize } from './png-header.js';

/**
 * - `full-figure`: 800 x 600 with axes, labels and colour bar, as Gravity Spy
 *   and its pipeline write them. The axes box is 574 x 480 pixels from (100, 60).
 * - `cropped-axes`: 569 x 479, the copy on Kaggle: the pixels of a full figure
 *   from column 100 and row 60 on, so with the left and top frame line and
 *   without the last five columns and the last row of the axes box.
 */
export type PictureLayout = 'full-figure' | 'cropped-axes';

const SIZES: readonly (PngSize & { readonly layout: PictureLayout })[] = [
  { layout: 'full-figure', widthPx: 800, heightPx: 600 },
  { layout: 'cropped-axes', widthPx: 569, heightPx: 479 },
];

/** Axes box of a full figure, of which a cropped picture shows the upper left part. */
const AXES_WIDTH_PX = 574;
const AXES_HEIGHT_PX = 480;

/** The layout that pictures of this size have; throws `unknown_layout`. */
export function layoutOfSize({ widthPx, heightPx }: PngSize): PictureLayout {
  const known = SIZES.find((size) => size.widthPx === widthPx && size.heightPx === heightPx);
  if (known) return known.layout;
  const expected = SIZES.map((s) => `${s.widthPx} x ${s.heightPx} (${s.layout})`).join(' or ');
  throw new SpectrogramError(
    'unknown_layout',
    `picture size: expected ${expected}, found ${widthPx} x ${heightPx}`,
  );
}

/** Finds the plot in a decoded picture; throws `unknown_layout` where there is none. */
export function locatePlot(pixels: Pixels, layout: PictureLayout): PlotArea {
  return layout === 'full-figure' ? locateInFullFigure(pixels) : locateInCroppedAxes(pixels);
}

function locateInFullFigure(pixels: Pixels): PlotArea {
  const frame = findFrame(pixels);
  if (!frame) {
    throw new SpectrogramError(
      'unknown_layout',
      'full figure: expected a plot inside a black frame, found no frame',
    );
  }
  const middle = (line: { outer: number; inner: number }): number =>
    Math.round((line.outer + line.inner) / 2);
  // matplotlib centres a line on the pixel whose left (upper) edge is the edge
  // of the axes, so the line's own pixel is the first cell on the left and at
  // the top, and the first one outside on the right and at the bottom.
  const x = middle(frame.left);
  const y = middle(frame.top);
  const right = middle(frame.right);
  const bottom = middle(frame.bottom);
  const softness = lineSoftness(pixels, frame);
  return {
    x,
    y,
    widthPx: right - x,
    heightPx: bottom - y,
    covered: {
      left: frame.left.inner + 1 - x,
      right: right - frame.right.inner,
      top: frame.top.inner + 1 - y,
      bottom: bottom - frame.bottom.inner,
    },
    softness: { left: softness, right: softness, top: softness, bottom: softness },
    frequencyRange: () => frequencyRangeOf(pixels, frame),
  };
}

/**
 * Share of black in the pixels beside a frame line, read off outside the frame
 * where the paper is white. Tick marks make single pixels darker, so the
 * lightest of many counts.
 */
function lineSoftness(pixels: Pixels, frame: Frame): number {
  const x = frame.left.outer - 1;
  if (x < 0) return 0;
  let lightest = 0;
  for (let y = frame.top.inner + 1; y < frame.bottom.inner; y++) {
    lightest = Math.max(lightest, brightest(pixels, x, y));
  }
  const share = 1 - lightest / 255;
  return share < 0.5 ? share : 0;
}

/** The soft edge of the line in the pictures that were cropped: 241 of 255 on white. */
const CROPPED_SOFTNESS = 1 - 241 / 255;
/** A frame pixel is black, the darkest viridis is 84. */
const LINE_BRIGHTNESS = 20;

function locateInCroppedAxes(pixels: Pixels): PlotArea {
  const left = blackShare(pixels, (i) => [0, i], pixels.heightPx) > 0.9 ? 1 : 0;
  const top = blackShare(pixels, (i) => [i, 0], pixels.widthPx) > 0.9 ? 1 : 0;
  const covered: Edges = {
    left,
    top,
    right: AXES_WIDTH_PX - pixels.widthPx,
    bottom: AXES_HEIGHT_PX - pixels.heightPx,
  };
  return {
    x: 0,
    y: 0,
    widthPx: AXES_WIDTH_PX,
    heightPx: AXES_HEIGHT_PX,
    covered,
    softness: {
      left: left * CROPPED_SOFTNESS,
      top: top * CROPPED_SOFTNESS,
      right: 0,
      bottom: 0,
    },
    frequencyRange: () => undefined,
  };
}

function blackShare(
  pixels: Pixels,
  place: (i: number) => readonly [number, number],
  n: number,
): number {
  let black = 0;
  for (let i = 0; i < n; i++) {
    if (brightest(pixels, ...place(i)) < LINE_BRIGHTNESS) black++;
  }
  return black / n;
}
