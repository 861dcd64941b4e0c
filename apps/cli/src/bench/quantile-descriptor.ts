import type { Glitch } from '@glitchwatch/proto';
import { decodeGrid, WINDOWS_SEC } from '@glitchwatch/spectrogram';

const bands = 32;
const quantiles = [0.1, 0.5, 0.75, 0.9, 0.97, 1];

/** Six quantiles of root energy in each of 32 bands of one window. */
function describeWindow(data: Uint8Array, nFrequency: number, nTime: number): number[] {
  const rows = nFrequency / bands;
  return Array.from({ length: bands }, (_, band) => {
    const cells = data.slice(band * rows * nTime, (band + 1) * rows * nTime).sort();
    return quantiles.map((q) => Math.sqrt((cells[Math.round(q * (cells.length - 1))] ?? 0) / 255));
  }).flat();
}

/**
 * The honest baseline of an embedder: 4 windows x 32 bands x 6 quantiles, no
 * network and nothing learnt. A missing window is its nearest neighbour's.
 */
export function quantileDescriptor(glitch: Glitch): Float32Array {
  const windows = glitch.windows.map(({ windowSec, data, nFrequency, nTime }) => ({
    windowSec,
    features: describeWindow(decodeGrid(data, nFrequency, nTime).data, nFrequency, nTime),
  }));
  return Float32Array.from(
    WINDOWS_SEC.flatMap((windowSec) => {
      const distance = (other: number) => Math.abs(Math.log2(other / windowSec));
      const [nearest] = [...windows].sort((a, b) => distance(a.windowSec) - distance(b.windowSec));
      return nearest?.features ?? [];
    }),
  );
}
