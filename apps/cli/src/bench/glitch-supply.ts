import { setImmediate as nextTurn } from 'node:timers/promises';
import { Glitch, GridEncoding } from '@glitchwatch/proto';
import { demoClasses, type SimulatedGlitch, shiftedGlitch } from '@glitchwatch/simulator';
import { encodeGrid } from '@glitchwatch/spectrogram';
import { openSimulationThread } from '../simulation/simulation-thread.js';

const maxBases = 200;
const drawnTogether = 20;
/** By how many columns a window may be moved. */
const shifts = [0, -1, 1];
const firstGpsNs = 1_400_000_000_000_000_000n;
const stepNs = 1_000_000_000n;
const channel = 'BENCH-STRAIN';

interface SupplyWindow {
  readonly windowSec: number;
  readonly nFrequency: number;
  readonly nTime: number;
  /** Encoded, one for each shift. */
  readonly codes: readonly Uint8Array[];
}

/** What glitches are put together from; plain data, so that it can travel to a process. */
export interface SupplyBase extends Omit<SimulatedGlitch, 'grids'> {
  readonly windows: readonly SupplyWindow[];
}

/**
 * Simulates and encodes at most 200 glitches of the demo's kinds, in 15 MB. Each of
 * their windows is kept in three places, so that together they make 81 times as many
 * glitches of which no two are alike.
 */
export async function simulateBases(
  count: number,
  seed: number,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<SupplyBase[]> {
  const total = Math.min(maxBases, count);
  const thread = openSimulationThread(seed);
  const bases: SupplyBase[] = [];
  try {
    while (bases.length < total) {
      const first = bases.length;
      const drawn = await thread.draw(
        Array.from(
          { length: Math.min(drawnTogether, total - first) },
          (_, i) => demoClasses[(first + i) % demoClasses.length],
        ),
      );
      for (const glitch of drawn) {
        signal.throwIfAborted();
        bases.push(encodeBase(glitch));
        onProgress(bases.length, total);
        await nextTurn();
      }
    }
    return bases;
  } finally {
    await thread.close();
  }
}

function encodeBase({ grids, ...facts }: SimulatedGlitch): SupplyBase {
  const glitch = { ...facts, grids };
  const moved = shifts.map((columns) => shiftedGlitch(glitch, columns).grids);
  const windows = grids.map(({ windowSec, grid: { nFrequency, nTime } }, w) => ({
    windowSec,
    nFrequency,
    nTime,
    codes: moved.map((variant) => encodeGrid(variant[w]!.grid)),
  }));
  return { ...facts, windows };
}

/** The `index`-th glitch of the supply: the same every time it is asked for. */
export function supplyGlitch(bases: readonly SupplyBase[], index: number): Glitch {
  const base = bases[index % bases.length];
  if (base === undefined) throw new Error('a supply needs at least one base');
  let turn = Math.floor(index / bases.length);
  return Glitch.fromPartial({
    trigger: {
      ifo: base.ifo,
      peakGpsNs: firstGpsNs + BigInt(index) * stepNs,
      channel,
      snr: base.snr,
      peakFrequencyHz: base.peakFrequencyHz,
      bandwidthHz: base.bandwidthHz,
      durationSec: base.durationSec,
      label: base.className,
      source: 'bench',
    },
    windows: base.windows.map(({ codes, ...size }) => {
      const code = codes[turn % codes.length]!;
      turn = Math.floor(turn / codes.length);
      return {
        ...size,
        encoding: GridEncoding.GRID_ENCODING_DELTA_DEFLATE,
        data: Buffer.from(code.buffer, code.byteOffset, code.byteLength),
      };
    }),
  });
}

/** Which of the supply a glitch is, by its peak time. */
export function supplyIndexOf(peakGpsNs: bigint): number {
  return Number((peakGpsNs - firstGpsNs) / stepNs);
}
