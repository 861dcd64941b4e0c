import { Tensor } from 'onnxruntime-node';
import type { MessageGridsInput, ModelDescription } from '../model-description.js';
import type { DecodedWindow, InputLayout } from './base.js';

/**
 * All windows of a glitch as one row: grids float32 [1, windows, nFrequency,
 * nTime] and a mask float32 [1, windows]. A window that is missing is zeros
 * under mask 0.
 */
export function messageGridsLayout(model: ModelDescription, input: MessageGridsInput): InputLayout {
  const nWindows = model.windowsSec.length;
  const cells = input.nFrequency * input.nTime;
  const { divideBy, mean, std } = model.normalisation;
  const levelValue = Float32Array.from({ length: 256 }, (_, byte) => {
    return (byte / divideBy - mean[0]!) / std[0]!;
  });

  const grids = new Float32Array(nWindows * cells);
  const planes = Array.from({ length: nWindows }, (_, slot) =>
    grids.subarray(slot * cells, (slot + 1) * cells),
  );
  const mask = new Float32Array(nWindows);
  const feed = {
    [input.gridTensor]: new Tensor('float32', grids, [1, nWindows, input.nFrequency, input.nTime]),
    [input.maskTensor]: new Tensor('float32', mask, [1, nWindows]),
  };

  return {
    inputs: [
      { name: input.gridTensor, dims: [nWindows, input.nFrequency, input.nTime] },
      { name: input.maskTensor, dims: [nWindows] },
    ],
    feeds(windows: readonly DecodedWindow[]) {
      mask.fill(0);
      for (const { slot, data } of windows) {
        const values = planes[slot]!;
        for (let i = 0; i < values.length; i++) values[i] = levelValue[data[i]!]!;
        mask[slot] = 1;
      }
      // Of what is missing here the glitch before may have left something.
      for (let slot = 0; slot < nWindows; slot++) {
        if (mask[slot] === 0) planes[slot]!.fill(0);
      }
      return [feed];
    },
  };
}
