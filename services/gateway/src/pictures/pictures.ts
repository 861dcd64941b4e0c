import type { Glitch, SpectrogramGrid } from '@glitchwatch/proto';
import { decodeGrid, renderPng } from '@glitchwatch/spectrogram';
import { GatewayError } from '../errors.js';
import type { GatewayMetrics } from '../metrics.js';
import type { GlitchReader } from './glitch-reader.js';
import { PictureCache } from './picture-cache.js';
import { Turnstile } from './turnstile.js';

/** `preview`: the window of 1 s, or the one nearest to it. */
export type WindowChoice = number | 'preview';

export interface PictureRequest {
  readonly glitchId: string;
  readonly window: WindowChoice;
  readonly axes: boolean;
  /** Height of the spectrogram itself in pixels; width is the same without axes. */
  readonly sizePx: number;
}

export interface Pictures {
  /** @throws GatewayError `unknown_glitch`, `unknown_window` or `picture_expired`. */
  png(request: PictureRequest): Promise<Uint8Array>;
  readonly cacheBytes: number;
}

export interface PicturesOptions {
  readonly reader: GlitchReader;
  readonly cacheBytes: number;
  readonly maxConcurrent: number;
  readonly metrics: () => Pick<GatewayMetrics, 'pictures'>;
}

/** Draws spectrograms on demand; equal requests at the same time share one drawing. */
export function createPictures(options: PicturesOptions): Pictures {
  const cache = new PictureCache(options.cacheBytes);
  const turnstile = new Turnstile(options.maxConcurrent);
  const inFlight = new Map<string, Promise<Uint8Array>>();

  async function draw(request: PictureRequest): Promise<Uint8Array> {
    const glitch = await options.reader.glitch(request.glitchId);
    const window = chooseWindow(glitch, request);
    const grid = decodeGrid(window.data, window.nFrequency, window.nTime);
    return renderPng(grid, {
      widthPx: request.axes ? Math.round((request.sizePx * 4) / 3) : request.sizePx,
      heightPx: request.sizePx,
      axes: request.axes,
      windowSec: window.windowSec,
    });
  }

  return {
    get cacheBytes() {
      return cache.bytes;
    },
    async png(request) {
      const key = `${request.glitchId}/${request.window}/${request.axes}/${request.sizePx}`;
      const held = cache.get(key);
      options.metrics().pictures.inc({ outcome: held === undefined ? 'drawn' : 'cached' });
      if (held !== undefined) return held;
      let drawing = inFlight.get(key);
      if (drawing === undefined) {
        drawing = turnstile.run(() => draw(request)).finally(() => inFlight.delete(key));
        inFlight.set(key, drawing);
      }
      const picture = await drawing;
      cache.set(key, picture);
      return picture;
    },
  };
}

function chooseWindow(glitch: Glitch, request: PictureRequest): SpectrogramGrid {
  const { window: wanted } = request;
  const window =
    wanted === 'preview'
      ? nearestToOneSecond(glitch.windows)
      : glitch.windows.find(({ windowSec }) => windowSec === wanted);
  if (window !== undefined) return window;
  const present = glitch.windows.map(({ windowSec }) => windowSec).join(', ');
  throw new GatewayError(
    'unknown_window',
    `glitch ${request.glitchId} has no window of ${wanted} s; it has ${present || 'none'}`,
  );
}

function nearestToOneSecond(windows: readonly SpectrogramGrid[]): SpectrogramGrid | undefined {
  return [...windows].sort(
    (a, b) => Math.abs(Math.log2(a.windowSec)) - Math.abs(Math.log2(b.windowSec)),
  )[0];
}
