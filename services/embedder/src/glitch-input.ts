import { type Glitch, GridEncoding } from '@glitchwatch/proto';
import { EmbedderError } from './errors.js';
import type { ModelDescription } from './model-description.js';

/** One window of a glitch, still encoded. */
export interface WindowInput {
  /** Index in the model's `windowsSec`. */
  readonly slot: number;
  readonly windowSec: number;
  readonly data: Uint8Array;
}

/** Part of one window that the network is not shown; rows and columns of its grid. */
export interface HiddenTile {
  readonly slot: number;
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** What the network needs of a glitch: its windows, shortest first. */
export interface GlitchInput {
  readonly glitchId: string;
  readonly windows: readonly WindowInput[];
  readonly hidden?: HiddenTile | undefined;
}

export interface GridSize {
  readonly nFrequency: number;
  readonly nTime: number;
}

/** Size of the grids that messages carry; a model may say otherwise. */
export const MESSAGE_GRID_SIZE: GridSize = { nFrequency: 128, nTime: 128 };

export function gridSizeOf(model: ModelDescription): GridSize {
  return model.input.layout === 'message-grids' ? model.input : MESSAGE_GRID_SIZE;
}

/**
 * Checks what a glitch's message says about itself; the grids' bytes are decoded
 * later, in the worker. Throws `bad_glitch` naming field, expected and found.
 */
export function glitchInput(glitch: Glitch, model: ModelDescription): GlitchInput {
  const glitchId = glitch.trigger?.glitchId ?? '';
  const size = gridSizeOf(model);
  const bad = (what: string): EmbedderError =>
    new EmbedderError('bad_glitch', `glitch ${glitchId || '(no id)'}: ${what}`, { glitchId });

  if (glitch.trigger === undefined) throw bad('expected a trigger, found none');
  if (!/^[0-9a-f]{32}$/.test(glitchId)) {
    throw bad(`trigger.glitch_id: expected 32 hex digits, found "${glitchId}"`);
  }
  if (glitch.windows.length === 0) {
    throw bad(`windows: expected 1 to ${model.windowsSec.length}, found none`);
  }
  const windows = glitch.windows.map((window, i): WindowInput => {
    const slot = model.windowsSec.indexOf(window.windowSec);
    if (slot < 0) {
      throw bad(
        `windows[${i}].window_sec: expected one of ${model.windowsSec.join(', ')}, found ${window.windowSec}`,
      );
    }
    if (window.nFrequency !== size.nFrequency || window.nTime !== size.nTime) {
      throw bad(
        `windows[${i}]: expected a grid of ${size.nFrequency} x ${size.nTime}, ` +
          `found ${window.nFrequency} x ${window.nTime}`,
      );
    }
    if (window.encoding !== GridEncoding.GRID_ENCODING_DELTA_DEFLATE) {
      throw bad(`windows[${i}].encoding: expected DELTA_DEFLATE, found ${window.encoding}`);
    }
    return { slot, windowSec: window.windowSec, data: window.data };
  });
  windows.sort((a, b) => a.slot - b.slot);
  for (let i = 1; i < windows.length; i++) {
    const windowSec = windows[i]?.windowSec;
    if (windowSec === windows[i - 1]?.windowSec) {
      throw bad(`windows: expected each window once, found ${windowSec} s twice`);
    }
  }
  return { glitchId, windows };
}
