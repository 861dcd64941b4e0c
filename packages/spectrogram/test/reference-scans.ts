import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const shared =
  process.env.GLITCHWATCH_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url));

/** Scans made by GWpy on real strain, with the script that made them. */
export const referenceScans = `${shared}/reference/qtransform`;
export const hasReferenceScans = existsSync(referenceScans);
/** For the name of a suite, so that a skipped one says so. */
export const referenceNote = hasReferenceScans
  ? ''
  : ` (skipped: reference data not found at ${referenceScans})`;

export interface ReferencePeak {
  readonly q: number;
  readonly time: number;
  readonly frequency: number;
  readonly energy_over_median: number;
}

export interface ReferenceMeta {
  readonly sample_rate: number;
  readonly gps?: number;
  readonly injected?: { readonly time: number };
  readonly t0?: number;
  readonly whitened_t0: number;
  readonly whitened_short: {
    readonly t0: number;
    readonly samples: number;
    readonly offset_in_whitened_long: number;
  };
  readonly chosen: { readonly q: number };
  readonly planes: readonly ReferencePeak[];
  readonly peak_tile: ReferencePeak;
  readonly spectrogram_plane: {
    readonly q: number;
    readonly energy: number;
    readonly time: number;
    readonly frequency: number;
  };
}

export function referenceMeta(name: string): ReferenceMeta {
  return JSON.parse(readFileSync(`${referenceScans}/${name}/meta.json`, 'utf8')) as ReferenceMeta;
}

/** A vector or matrix of NumPy, row by row; what it holds must be little-endian. */
export function referenceArray(name: string, file: string): Float64Array {
  const bytes = readFileSync(`${referenceScans}/${name}/${file}.npy`);
  const start = 10 + bytes.readUInt16LE(8);
  const type = /'descr': '([^']+)'/.exec(bytes.toString('latin1', 10, start))?.[1];
  const body = bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length);
  if (type === '<f8') return new Float64Array(body);
  if (type === '<f4') return Float64Array.from(new Float32Array(body));
  if (type === '<i4') return Float64Array.from(new Int32Array(body));
  throw new Error(`${file}: expected float64, float32 or int32, found ${type}`);
}

/** Largest difference over the largest value. */
export function relativeError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]!));
    const d = Math.abs(found[i]! - expected[i]!);
    // Not-a-number must not pass.
    difference = d <= difference ? difference : d;
  }
  return difference / largest;
}
