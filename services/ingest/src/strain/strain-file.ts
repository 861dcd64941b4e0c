import { basename } from 'node:path';
import { SAMPLE_RATES_HZ } from '@glitchwatch/spectrogram';
import type { Dataset, File } from 'h5wasm/node';
import { IngestError, type IngestProblem } from '../errors.js';
import { parseGpsSeconds } from '../gps-time.js';
import { KNOWN_DETECTORS, quoted } from '../validate-trigger.js';
import { datasetAt, datasetPaths, scalarOf, withHdf5 } from './hdf5.js';

/** One evenly sampled strain series of a file; nothing of its samples has been read. */
export interface StrainSeries {
  readonly file: string;
  /** Of the dataset. */
  readonly path: string;
  readonly ifo: string;
  readonly channel: string;
  readonly startGpsNs: bigint;
  readonly endGpsNs: bigint;
  readonly sampleRateHz: number;
  readonly nSamples: number;
}

export interface StrainFileContents {
  readonly series: readonly StrainSeries[];
  /** Of datasets that look like strain and cannot be used. */
  readonly problems: readonly IngestProblem[];
}

export const GWOSC_STRAIN = 'strain/Strain';

/**
 * What strain a file holds: the one of a GWOSC file, or every series that GWpy
 * wrote (datasets with the attributes x0 and dx).
 *
 * @throws IngestError `unreadable_file`, or `bad_strain` where there is none.
 */
export function describeStrainFile(file: string): Promise<StrainFileContents> {
  return withHdf5(file, (hdf5) => {
    const gwosc = datasetAt(hdf5, GWOSC_STRAIN);
    const datasets = gwosc
      ? [{ path: GWOSC_STRAIN, dataset: gwosc }]
      : datasetPaths(hdf5).flatMap((path) => {
          const dataset = datasetAt(hdf5, path);
          return dataset?.attrs.x0 && dataset.attrs.dx ? [{ path, dataset }] : [];
        });
    if (datasets.length === 0) {
      throw badStrain(
        file,
        '',
        `${GWOSC_STRAIN} (GWOSC) or a series with x0 and dx (GWpy)`,
        'neither',
      );
    }
    const series: StrainSeries[] = [];
    const problems: IngestProblem[] = [];
    for (const { path, dataset } of datasets) {
      try {
        series.push(seriesOf(hdf5, { file, path, dataset }));
      } catch (error) {
        if (!(error instanceof IngestError)) throw error;
        problems.push(error.toProblem());
      }
    }
    return { series, problems };
  });
}

interface Source {
  readonly file: string;
  readonly path: string;
  readonly dataset: Dataset;
}

function seriesOf(hdf5: File, { file, path, dataset }: Source): StrainSeries {
  const isGwosc = path === GWOSC_STRAIN;
  const { attrs, shape, dtype } = dataset;
  const bad = (field: string, expected: string, found: unknown): IngestError =>
    badStrain(file, `${path} ${field}`.trim(), expected, String(found));
  const nSamples = shape?.length === 1 ? (shape[0] ?? 0) : 0;
  if (nSamples === 0) throw bad('', 'samples in one dimension', JSON.stringify(shape));
  if (dtype !== '<d' && dtype !== '<f')
    throw bad('', 'floating-point samples', JSON.stringify(dtype));
  const spacing = Number(scalarOf(isGwosc ? attrs.Xspacing : attrs.dx));
  const sampleRateHz = Math.round(1 / spacing);
  const isPower = Number.isInteger(Math.log2(sampleRateHz));
  const { lowest, highest } = SAMPLE_RATES_HZ;
  const isKnown = sampleRateHz >= lowest && sampleRateHz <= highest;
  if (!isPower || !isKnown || Math.abs(sampleRateHz * spacing - 1) > 1e-9) {
    throw bad(
      'sample rate',
      `a power of two from ${lowest} to ${highest} Hz`,
      Number.isFinite(spacing) ? `${1 / spacing} Hz` : 'none',
    );
  }
  const start = scalarOf(isGwosc ? attrs.Xstart : attrs.x0);
  const startGpsNs = parseGpsSeconds(String(start));
  if (startGpsNs === undefined) throw bad('start', 'GPS seconds', quoted(String(start)));
  const { ifo, channel } = isGwosc ? gwoscNames(hdf5, file) : gwpyNames(path, dataset);
  if (!KNOWN_DETECTORS.includes(ifo)) {
    throw bad('detector', `one of ${KNOWN_DETECTORS.join(', ')}`, quoted(ifo));
  }
  const endGpsNs = startGpsNs + (BigInt(nSamples) * 1_000_000_000n) / BigInt(sampleRateHz);
  return { file, path, ifo, channel, startGpsNs, endGpsNs, sampleRateHz, nSamples };
}

/** GWOSC names the detector inside, and the data in the file's name: H-H1_LOSC_4_V2-1126259446-32.hdf5. */
function gwoscNames(hdf5: File, file: string) {
  const named = /^[A-Z]+-([A-Z]\d)_(.+)-\d+-\d+\.\w+$/.exec(basename(file));
  const detector = scalarOf(datasetAt(hdf5, 'meta/Detector'));
  return {
    ifo: typeof detector === 'string' ? detector : (named?.[1] ?? ''),
    channel: named?.[2] ?? 'STRAIN',
  };
}

/** GWpy names the channel: H1:LDAS-STRAIN. */
function gwpyNames(path: string, { attrs }: Dataset) {
  const name = scalarOf(attrs.channel) ?? scalarOf(attrs.name) ?? path;
  const [, ifo = '', channel = ''] = /(?:^|\/)([A-Z]\d):(.+)$/.exec(String(name)) ?? [];
  return { ifo, channel };
}

function badStrain(file: string, what: string, expected: string, found: string): IngestError {
  const where = what === '' ? file : `${file} ${what}`;
  return new IngestError('bad_strain', `${where}: expected ${expected}; found ${found}.`, {
    file,
    ...(what === '' ? {} : { field: what }),
  });
}
