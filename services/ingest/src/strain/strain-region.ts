import { MIN_WHITENING_SEC } from '@glitchwatch/spectrogram';
import { datasetAt, withHdf5 } from './hdf5.js';
import type { StrainSeries } from './strain-file.js';

/** Strain of one detector and sample rate around a moment; what is missing is not-a-number. */
export interface StrainRegion {
  readonly startGpsNs: bigint;
  readonly sampleRateHz: number;
  readonly samples: Float64Array;
}

export interface RegionOptions {
  readonly series: readonly StrainSeries[];
  readonly fromSec: number;
  readonly toSec: number;
  readonly sampleRateHz: number;
}

const NS_PER_SEC = 1_000_000_000n;

/** Joins what the files hold. @throws IngestError `unreadable_file`. */
export async function readRegion(options: RegionOptions): Promise<StrainRegion> {
  const { series, fromSec, toSec, sampleRateHz } = options;
  const startGpsNs = BigInt(fromSec) * NS_PER_SEC;
  const samples = new Float64Array((toSec - fromSec) * sampleRateHz).fill(Number.NaN);
  for (const { file, path, startGpsNs: seriesStart, nSamples } of series) {
    const offset = Math.round((Number(seriesStart - startGpsNs) * sampleRateHz) / 1e9);
    const first = Math.max(0, -offset);
    const last = Math.min(nSamples, samples.length - offset);
    if (last <= first) continue;
    await withHdf5(file, (hdf5) => {
      const found = datasetAt(hdf5, path)?.slice([[first, last]]);
      // A file that was replaced meanwhile by one without this series leaves a gap.
      if (found instanceof Float64Array || found instanceof Float32Array) {
        samples.set(found, first + offset);
      }
    });
  }
  return { startGpsNs, sampleRateHz, samples };
}

/** Samples [first, last) of a region without a gap. */
export interface Run {
  readonly first: number;
  readonly last: number;
}

/** All runs of finite samples, shortest included. */
export function finiteRuns(samples: Float64Array): Run[] {
  const runs: Run[] = [];
  let first = -1;
  for (let i = 0; i <= samples.length; i++) {
    const isThere = i < samples.length && Number.isFinite(samples[i]!);
    if (isThere && first < 0) first = i;
    if (!isThere && first >= 0) {
      runs.push({ first, last: i });
      first = -1;
    }
  }
  return runs;
}

/**
 * The part of a run that is whitened as one for the moment `middle`: at most `length`
 * samples, centred where the run allows. Undefined where the run is too short.
 */
export function blockIn(
  { first, last }: Run,
  { middle, length, sampleRateHz }: { middle: number; length: number; sampleRateHz: number },
): Run | undefined {
  if (last - first < MIN_WHITENING_SEC * sampleRateHz) return undefined;
  if (last - first <= length) return { first, last };
  const start = Math.min(Math.max(middle - length / 2, first), last - length);
  return { first: start, last: start + length };
}
