import { Glitch, GridEncoding } from '@glitchwatch/proto';
import type { SimulatedGlitch } from '@glitchwatch/simulator';
import { encodeGrid } from '@glitchwatch/spectrogram';

/** A simulated glitch as ingest takes it; the truth travels as the label. */
export function toGlitch(simulated: SimulatedGlitch, peakGpsNs: bigint): Glitch {
  return Glitch.fromPartial({
    trigger: {
      ifo: simulated.ifo,
      peakGpsNs,
      channel: 'SIMULATED-STRAIN',
      snr: simulated.snr,
      peakFrequencyHz: simulated.peakFrequencyHz,
      bandwidthHz: simulated.bandwidthHz,
      durationSec: simulated.durationSec,
      label: simulated.className,
      source: 'simulator',
    },
    windows: simulated.grids.map(({ windowSec, grid }) => ({
      windowSec,
      nFrequency: grid.nFrequency,
      nTime: grid.nTime,
      encoding: GridEncoding.GRID_ENCODING_DELTA_DEFLATE,
      data: Buffer.from(encodeGrid(grid)),
      origin: 'simulator',
    })),
  });
}
