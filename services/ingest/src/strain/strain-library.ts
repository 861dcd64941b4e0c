import type { IngestProblem } from '../errors.js';
import { BLOCK_SEC } from './block-length.js';
import type { ScanPool } from './scan-pool.js';
import type { StrainSeries } from './strain-file.js';

const NS_PER_SEC = 1_000_000_000n;
/** Blocks lie on a lattice of GPS time, so that it does not matter which triggers come together. */
const STEP_SEC = BLOCK_SEC / 2;

/** So much at the end of strain is neither whitened well nor free of wrapping round. */
const UNSEARCHED_NS = 2n * NS_PER_SEC;

/** Which series are wanted, where files hold several. */
export interface StrainChoice {
  readonly ifo?: string | undefined;
  readonly channel?: string | undefined;
}

/** All series of one detector, channel and sample rate. */
export interface StrainChannel {
  readonly ifo: string;
  readonly channel: string;
  readonly sampleRateHz: number;
  readonly series: StrainSeries[];
}

/** A part of strain to be searched. */
export interface SearchPart {
  readonly series: readonly StrainSeries[];
  readonly middleSec: number;
  readonly fromGpsNs: bigint;
  readonly toGpsNs: bigint;
}

/** The strain files that are known, by detector and time. */
export interface StrainLibrary {
  /** What of the file was new; a file that is given again replaces itself. @throws IngestError `bad_strain`. */
  add(file: string): Promise<StrainSeries[]>;
  /** The channel that holds a detector at a time; the trigger's own before others, fast before slow. */
  channelAt(ifo: string, gpsNs: bigint, channel: string): StrainChannel | undefined;
  /**
   * The parts of a series, each half a block long and inside its block. A watch asks
   * for them when the series comes, and takes the end of its predecessor again, which
   * could not be searched without it.
   */
  partsOf(series: StrainSeries, options?: { readonly withTail?: boolean }): SearchPart[];
  /** Of all series that are known. */
  allParts(): SearchPart[];
}

export interface StrainLibraryOptions {
  readonly pool: Pick<ScanPool, 'describe'>;
  readonly choice: StrainChoice;
  readonly onProblem: (problem: IngestProblem) => void;
}

export function createStrainLibrary(options: StrainLibraryOptions): StrainLibrary {
  const { pool, choice, onProblem } = options;
  const channels = new Map<string, StrainChannel>();

  const channelOf = ({ ifo, channel, sampleRateHz }: StrainSeries): StrainChannel => {
    const key = `${ifo} ${channel} ${sampleRateHz}`;
    const known = channels.get(key) ?? { ifo, channel, sampleRateHz, series: [] };
    channels.set(key, known);
    return known;
  };
  const isWanted = ({ ifo, channel }: StrainSeries): boolean =>
    (choice.ifo === undefined || choice.ifo === ifo) &&
    (choice.channel === undefined || choice.channel === channel);

  const library: StrainLibrary = {
    async add(file) {
      const { series, problems } = await pool.describe(file);
      for (const problem of problems) onProblem(problem);
      const wanted = series.filter(isWanted);
      for (const each of wanted) {
        const known = channelOf(each).series;
        const same = known.findIndex(({ file: f, path }) => f === file && path === each.path);
        if (same >= 0) known.splice(same, 1);
        known.push(each);
        known.sort((a, b) => (a.startGpsNs < b.startGpsNs ? -1 : 1));
      }
      return wanted;
    },
    channelAt(ifo, gpsNs, channel) {
      const holding = [...channels.values()].filter(
        (each) =>
          each.ifo === ifo && each.series.some((s) => gpsNs >= s.startGpsNs && gpsNs < s.endGpsNs),
      );
      const rank = (each: StrainChannel): number =>
        (each.channel === channel ? 1e9 : 0) + each.sampleRateHz;
      return holding.sort((a, b) => rank(b) - rank(a))[0];
    },
    partsOf(series, { withTail = false } = {}) {
      const all = channelOf(series).series;
      const follows = all.some(({ endGpsNs }) => endGpsNs === series.startGpsNs);
      const fromGpsNs = series.startGpsNs - (withTail && follows ? UNSEARCHED_NS : 0n);
      const parts: SearchPart[] = [];
      let middleSec = middleOf(fromGpsNs);
      for (;;) {
        const half = BigInt(STEP_SEC / 2) * NS_PER_SEC;
        const middle = BigInt(middleSec) * NS_PER_SEC;
        if (middle - half >= series.endGpsNs) return parts;
        parts.push({
          series: seriesAround(all, middleSec),
          middleSec,
          fromGpsNs: later(middle - half, fromGpsNs),
          toGpsNs: earlier(middle + half, series.endGpsNs),
        });
        middleSec += STEP_SEC;
      }
    },
    allParts: () =>
      [...channels.values()].flatMap(({ series }) =>
        series.flatMap((each) => library.partsOf(each)),
      ),
  };
  return library;
}

/** Middle of the block that a time belongs to. */
export function middleOf(gpsNs: bigint): number {
  return Math.round(Number(gpsNs / NS_PER_SEC) / STEP_SEC) * STEP_SEC;
}

/** Series that reach into what is read for a block. */
export function seriesAround(series: readonly StrainSeries[], middleSec: number): StrainSeries[] {
  const from = BigInt(middleSec - BLOCK_SEC) * NS_PER_SEC;
  const to = BigInt(middleSec + BLOCK_SEC) * NS_PER_SEC;
  return series.filter(({ startGpsNs, endGpsNs }) => endGpsNs > from && startGpsNs < to);
}

const later = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const earlier = (a: bigint, b: bigint): bigint => (a < b ? a : b);
