import { VIRIDIS_RGB } from '@glitchwatch/spectrogram';
import { Tensor } from 'onnxruntime-node';
import { type GridSize, MESSAGE_GRID_SIZE } from '../glitch-input.js';
import type { ModelDescription, RgbImageInput } from '../model-description.js';
import type { DecodedWindow, InputLayout } from './base.js';
import { axisSamples } from './bilinear.js';

/** Colour of each grid value: 256 x RGB. */
function palette(input: RgbImageInput): Uint8Array {
  const colours = new Uint8Array(256 * 3);
  for (let value = 0; value < 256; value++) {
    const position = (value / 10 - input.energyMin) / (input.energyMax - input.energyMin);
    // The bin that matplotlib would take: 256 equal bins, the last one closed.
    const bin = Math.min(Math.max(Math.floor(position * 256 + 1e-9), 0), 255);
    colours.set(VIRIDIS_RGB.subarray(bin * 3, bin * 3 + 3), value * 3);
  }
  return colours;
}

/**
 * Each window as a picture of its plot interior: float32 [1, 3, heightPx,
 * widthPx], highest frequency on top. The grid is coloured first and resized
 * after, because that is the order in which a network trained on pictures met
 * its input.
 */
export function rgbImageLayout(
  model: ModelDescription,
  input: RgbImageInput,
  grid: GridSize = MESSAGE_GRID_SIZE,
): InputLayout {
  const { divideBy, mean, std } = model.normalisation;
  const colours = palette(input);
  const rows = axisSamples(grid.nFrequency, input.heightPx);
  const columns = axisSamples(grid.nTime, input.widthPx);
  const pixels = input.heightPx * input.widthPx;
  const image = new Float32Array(3 * pixels);
  const feed = {
    [input.imageTensor]: new Tensor('float32', image, [1, 3, input.heightPx, input.widthPx]),
  };

  const paint = (data: Uint8Array): void => {
    for (let channel = 0; channel < 3; channel++) {
      const offset = mean[channel]!;
      const scale = std[channel]!;
      let out = channel * pixels;
      for (let y = 0; y < input.heightPx; y++) {
        const top = rows.low[y]! * grid.nTime;
        const bottom = rows.high[y]! * grid.nTime;
        const wy = rows.weight[y]!;
        for (let x = 0; x < input.widthPx; x++) {
          const left = columns.low[x]!;
          const right = columns.high[x]!;
          const wx = columns.weight[x]!;
          const a = colours[data[top + left]! * 3 + channel]!;
          const b = colours[data[top + right]! * 3 + channel]!;
          const c = colours[data[bottom + left]! * 3 + channel]!;
          const d = colours[data[bottom + right]! * 3 + channel]!;
          const upper = a + (b - a) * wx;
          const byte = Math.round(upper + (c + (d - c) * wx - upper) * wy);
          image[out++] = (byte / divideBy - offset) / scale;
        }
      }
    }
  };

  return {
    inputs: [
      { name: input.imageTensor, type: 'float32', dims: [3, input.heightPx, input.widthPx] },
    ],
    *feeds(windows: readonly DecodedWindow[]) {
      for (const window of windows) {
        paint(window.data);
        yield feed;
      }
    },
  };
}
