import { Glitch, GridEncoding, glitchIdOf } from '@glitchwatch/proto';
import { encodeGrid } from '@glitchwatch/spectrogram';

export const WINDOWS_SEC = [0.5, 1, 2, 4];
const SIZE = 128;

/** mulberry32: numbers in [0, 1) from a seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Noise of low energy with one loud blob at a place of its own. */
export function gridBytes(seed: number): Uint8Array {
  const random = randomNumbers(seed);
  const [y0, x0, width] = [random() * SIZE, random() * SIZE, 3 + random() * 20];
  return Uint8Array.from({ length: SIZE * SIZE }, (_, i) => {
    const [dy, dx] = [Math.floor(i / SIZE) - y0, (i % SIZE) - x0];
    const blob = 220 * Math.exp(-(dy * dy + dx * dx) / (2 * width * width));
    return Math.min(255, Math.round(blob - 10 * Math.log(1 - random())));
  });
}

export interface WindowSpec {
  readonly windowSec: number;
  /** Values of the grid. */
  readonly values?: Uint8Array;
  /** Encoded bytes put in place of a grid. */
  readonly encoded?: Uint8Array | string;
}

/** The glitch of a seed; `number` gives the same pictures another identity. */
export function glitchOf(seed: number, specs?: readonly WindowSpec[], number = seed): Glitch {
  const windows =
    specs ??
    WINDOWS_SEC.map(
      (windowSec, w) => ({ windowSec, values: gridBytes(seed * 4 + w) }) as WindowSpec,
    );
  const identity = {
    ifo: 'H1',
    peakGpsNs: 1_126_259_462_000_000_000n + BigInt(number),
    channel: '',
    externalId: '',
  };
  return Glitch.fromPartial({
    trigger: {
      glitchId: glitchIdOf(identity),
      ifo: 'H1',
      peakGpsNs: identity.peakGpsNs,
      snr: 9.5,
      label: 'Blip',
    },
    windows: windows.map(({ windowSec, values, encoded }) => ({
      windowSec,
      nFrequency: SIZE,
      nTime: SIZE,
      encoding: GridEncoding.GRID_ENCODING_DELTA_DEFLATE,
      data: Buffer.from(
        encoded ??
          encodeGrid({
            nFrequency: SIZE,
            nTime: SIZE,
            data: values ?? new Uint8Array(SIZE * SIZE),
          }),
      ),
    })),
    ingestedAtMs: 1_700_000_000_000n,
  });
}

/** A good glitch with one window whose first levels spell `word`, the others being zero. */
export function glitchSaying(seed: number, word: string): Glitch {
  const values = new Uint8Array(SIZE * SIZE);
  values.set(Buffer.from(word));
  return glitchOf(seed, [
    { windowSec: 0.5, values: gridBytes(seed) },
    { windowSec: 1, values },
  ]);
}
