import type { IngestProblem } from '../errors.js';
import type { Hdf5Table } from '../triggers/hdf5-table.js';
import type { StrainFileContents, StrainSeries } from './strain-file.js';

/** Strain of one detector that is whitened and scanned together. */
export interface BlockTask {
  readonly kind: 'block';
  /** All of one detector and sample rate. */
  readonly series: readonly StrainSeries[];
  /** Middle of the block, GPS seconds. */
  readonly middleSec: number;
  readonly windowsSec: readonly number[];
  /** Cells as in a figure instead of encoded message grids. */
  readonly asFigure: boolean;
  /** Times to scan … */
  readonly gpsNs: readonly bigint[];
  /** … and a part to search for transients, which are scanned as well. */
  readonly search?: {
    readonly fromGpsNs: bigint;
    readonly toGpsNs: bigint;
    readonly minSnr: number;
  };
}

export interface DescribeTask {
  readonly kind: 'describe';
  readonly file: string;
}

/** A table of triggers in HDF5: read here because HDF5 is. */
export interface TableTask {
  readonly kind: 'table';
  readonly file: string;
}

export type ScanTask = BlockTask | DescribeTask | TableTask;

export interface ScannedWindow {
  readonly windowSec: number;
  readonly nFrequency: number;
  readonly nTime: number;
  /** Encoded, or one byte a cell for a figure. */
  readonly data: Uint8Array;
}

/** A transient that a search found, measured against the noise of the whole block. */
export interface FoundTransient {
  readonly snr: number;
  readonly frequencyHz: number;
  readonly q: number;
  readonly durationSec: number;
  readonly bandwidthHz: number;
  readonly centralFrequencyHz: number;
}

export interface Scan {
  /** The trigger's; the windows are centred on it. */
  readonly gpsNs: bigint;
  /** Of the loudest tile within 0.25 s. */
  readonly peak: {
    readonly gpsNs: bigint;
    readonly frequencyHz: number;
    readonly q: number;
    readonly energy: number;
    readonly snr: number;
  };
  readonly windows: readonly ScannedWindow[];
  readonly leftOutSec: readonly number[];
  /** Of the file that holds the moment. */
  readonly file: string;
  readonly channel: string;
  readonly quality:
    | {
        readonly dataQuality: string;
        readonly injections: readonly string[];
      }
    | undefined;
  /** Undefined where the time was given. */
  readonly found: FoundTransient | undefined;
}

export type ScanOutcome = Scan | { readonly gpsNs: bigint; readonly problem: IngestProblem };

export interface BlockResult {
  /** In the order of the times, then what was found, earliest first. */
  readonly scans: readonly ScanOutcome[];
  /** Of the part to search: gaps, stretches too short. */
  readonly problems: readonly IngestProblem[];
}

export type ScanResult = BlockResult | StrainFileContents | Hdf5Table;
