import { VIRIDIS_RGB } from '@glitchwatch/spectrogram';
import type { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import type { ModelDescription, RgbImageInput } from '../model-description.js';
import { rgbImageLayout } from './rgb-image.js';

const input: RgbImageInput = {
  layout: 'rgb-image',
  imageTensor: 'image',
  widthPx: 4,
  heightPx: 2,
  colourMap: 'viridis',
  energyMin: 0,
  energyMax: 25.5,
};
const model: ModelDescription = {
  name: 'tiny',
  version: '1',
  file: null,
  sha256: null,
  knownSha256: [],
  input,
  normalisation: { divideBy: 255, mean: [0.5, 0.25, 0], std: [0.5, 1, 2] },
  output: { name: 'features', dimension: 8 },
  windowsSec: [1],
  missingWindows: 'skip',
  fuse: 'mean',
  licence: 'MIT',
  trainedBy: 'nobody',
};
const pixels = (feed: Readonly<Record<string, Tensor>> | undefined): Float32Array => {
  const image = feed?.image;
  if (image === undefined) throw new Error('no tensor named "image" was fed');
  return image.data as Float32Array;
};
const colour = (level: number, channel: number): number => VIRIDIS_RGB[level * 3 + channel]!;

describe('rgbImageLayout', () => {
  it('paints rows top down, planes R G B, normalised per channel', () => {
    const layout = rgbImageLayout(model, input, { nFrequency: 2, nTime: 4 });
    const data = Uint8Array.from([0, 50, 100, 255, 200, 7, 8, 9]);
    const [feed] = [...layout.feeds([{ slot: 0, data }])];
    expect(feed?.image?.dims).toEqual([1, 3, 2, 4]);
    const expected = [0, 1, 2].flatMap((c) =>
      Array.from(data, (level) =>
        Math.fround(
          (colour(level, c) / 255 - model.normalisation.mean[c]!) / model.normalisation.std[c]!,
        ),
      ),
    );
    expect(Array.from(pixels(feed))).toEqual(expected);
  });

  it('colours first and enlarges after', () => {
    const layout = rgbImageLayout(model, input, { nFrequency: 1, nTime: 2 });
    const [feed] = [...layout.feeds([{ slot: 0, data: Uint8Array.from([0, 255]) }])];
    const [a, b] = [colour(0, 1), colour(255, 1)];
    const row = [a, a + (b - a) / 4, a + ((b - a) * 3) / 4, b].map((byte) =>
      Math.fround(Math.round(byte) / 255 - 0.25),
    );
    expect(Array.from(pixels(feed).subarray(8, 16))).toEqual([...row, ...row]);
  });

  it('maps the energy range to the whole colour map', () => {
    const layout = rgbImageLayout(
      model,
      { ...input, energyMin: 5, energyMax: 10 },
      { nFrequency: 2, nTime: 4 },
    );
    // Energies 0, 5, 7.5, 9.98, 10, 25.5.
    const data = Uint8Array.from([0, 50, 75, 99, 100, 255, 0, 0]);
    const [feed] = [...layout.feeds([{ slot: 0, data }])];
    const green = Array.from(pixels(feed).subarray(8, 14));
    const bins = [0, 0, 128, Math.floor((4.9 / 5) * 256), 255, 255];
    expect(green).toEqual(bins.map((bin) => Math.fround(colour(bin, 1) / 255 - 0.25)));
  });

  it('feeds each window that is there, one after the other', () => {
    const layout = rgbImageLayout(model, input, { nFrequency: 2, nTime: 4 });
    const windows = [10, 90].map((level) => ({ slot: 0, data: new Uint8Array(8).fill(level) }));
    const reds: number[] = [];
    for (const feed of layout.feeds(windows)) reds.push(pixels(feed)[0]!);
    expect(reds).toEqual(
      [10, 90].map((level) => Math.fround((colour(level, 0) / 255 - 0.5) / 0.5)),
    );
  });
});
