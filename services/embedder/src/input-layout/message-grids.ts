import { Tensor } from 'onnxruntime-node';
import type { MessageGridsInput, ModelDescription } from '../model-description.js';
import type { DecodedWindow, InputLayout } from './base.js';

/**
 * All windows of a glitch as one row: grids [1, windows, nFrequency, nTime] and a mask
 * float32 [1, windows]. A window that is missing is zeros under mask 0. Grids are the
 * bytes as they are (uint8) or normalised (float32), as model.json says.
 */
export function messageGridsLayout(model: ModelDescription, input: MessageGridsInput): InputLayout {
  const { nFrequency, nTime, gridType } = input;
  const nWindows = model.windowsSec.length;
  const cells = nFrequency * nTime;
  const dims = [1, nWindows, nFrequency, nTime];
  const mask = new Float32Array(nWindows);
  const grids =
    gridType === 'uint8' ? levelPlanes(nWindows * cells) : floatPlanes(model, nWindows * cells);
  const feed = {
    [input.gridTensor]: grids.tensor(dims),
    [input.maskTensor]: new Tensor('float32', mask, [1, nWindows]),
  };

  return {
    inputs: [
      { name: input.gridTensor, type: gridType, dims: dims.slice(1) },
      { name: input.maskTensor, type: 'float32', dims: [nWindows] },
    ],
    feeds(windows: readonly DecodedWindow[]) {
      mask.fill(0);
      for (const { slot, data } of windows) {
        grids.put(slot * cells, data);
        mask[slot] = 1;
      }
      // Of what is missing here the glitch before may have left something.
      for (let slot = 0; slot < nWindows; slot++) {
        if (mask[slot] === 0) grids.clear(slot * cells, (slot + 1) * cells);
      }
      return [feed];
    },
  };
}

/** Where the levels of a glitch's windows are written to, one after the other. */
interface Planes {
  tensor(dims: readonly number[]): Tensor;
  put(at: number, levels: Uint8Array): void;
  clear(from: number, to: number): void;
}

function levelPlanes(size: number): Planes {
  const values = new Uint8Array(size);
  return {
    tensor: (dims) => new Tensor('uint8', values, dims),
    put: (at, levels) => values.set(levels, at),
    clear: (from, to) => values.fill(0, from, to),
  };
}

function floatPlanes({ normalisation }: ModelDescription, size: number): Planes {
  const { divideBy, mean, std } = normalisation;
  const levelValue = Float32Array.from({ length: 256 }, (_, byte) => {
    return (byte / divideBy - mean[0]!) / std[0]!;
  });
  const values = new Float32Array(size);
  return {
    tensor: (dims) => new Tensor('float32', values, dims),
    put(at, levels) {
      for (let i = 0; i < levels.length; i++) values[at + i] = levelValue[levels[i]!]!;
    },
    clear: (from, to) => values.fill(0, from, to),
  };
}
