import {
  createStrainScanner,
  encodeGrid,
  type GridShape,
  MESSAGE_GRID,
  MIN_WHITENING_SEC,
  SpectrogramError,
  type StrainScanner,
  type TileCluster,
  type WhitenedBlock,
} from '@glitchwatch/spectrogram';
import { IngestError } from '../errors.js';
import { BLOCK_SEC } from './block-length.js';
import { withHdf5 } from './hdf5.js';
import { readQuality } from './quality.js';
import type { BlockResult, BlockTask, Scan, ScanOutcome } from './scan-messages.js';
import type { StrainSeries } from './strain-file.js';
import { blockIn, finiteRuns, type Run, readRegion, type StrainRegion } from './strain-region.js';

/** Cells of the plot of a Gravity Spy figure. */
const FIGURE_GRID: GridShape = { nFrequency: 480, nTime: 574 };
/** More transients than this in half a minute are one broken detector, not glitches. */
const MAX_FOUND = 256;

export interface BlockScanner {
  /** @throws IngestError where nothing of the block can be read. */
  scan(task: BlockTask): Promise<BlockResult>;
}

/** Reads, whitens, searches and scans blocks, in the thread that calls it; keeps scanners for reuse. */
export function createBlockScanner(): BlockScanner {
  const scanners = new Map<string, StrainScanner>();

  function scannerOf(sampleRateHz: number, asFigure: boolean): StrainScanner {
    const key = `${sampleRateHz} ${asFigure}`;
    const known = scanners.get(key);
    if (known !== undefined) return known;
    const made = createStrainScanner(sampleRateHz, asFigure ? { gridShape: FIGURE_GRID } : {});
    scanners.set(key, made);
    return made;
  }

  return {
    async scan(task) {
      const sampleRateHz = task.series[0]?.sampleRateHz;
      if (sampleRateHz === undefined) return { scans: [], problems: [] };
      const scanner = scannerOf(sampleRateHz, task.asFigure);
      const region = await readRegion({
        series: task.series,
        fromSec: task.middleSec - BLOCK_SEC,
        toSec: task.middleSec + BLOCK_SEC,
        sampleRateHz,
      });
      const work = new BlockWork(task, region, scanner);
      const scans: ScanOutcome[] = [];
      for (const gpsNs of task.gpsNs) scans.push(await work.scanAt(gpsNs));
      const { found, problems } = work.search();
      for (const { gpsNs, cluster } of found) scans.push(await work.scanAt(gpsNs, cluster));
      return { scans, problems };
    },
  };
}

interface Block {
  readonly run: Run;
  readonly whitened: WhitenedBlock;
}

class BlockWork {
  readonly #task: BlockTask;
  readonly #region: StrainRegion;
  readonly #scanner: StrainScanner;
  readonly #runs: readonly Run[];
  readonly #blocks = new Map<number, Block>();

  constructor(task: BlockTask, region: StrainRegion, scanner: StrainScanner) {
    this.#task = task;
    this.#region = region;
    this.#scanner = scanner;
    this.#runs = finiteRuns(region.samples);
  }

  async scanAt(gpsNs: bigint, cluster?: TileCluster): Promise<ScanOutcome> {
    const series = this.#task.series.find(
      ({ startGpsNs, endGpsNs }) => gpsNs >= startGpsNs && gpsNs < endGpsNs,
    );
    const file = series?.file ?? '';
    try {
      return await this.#scan(gpsNs, series, cluster);
    } catch (error) {
      if (error instanceof IngestError) return { gpsNs, problem: error.toProblem() };
      if (!(error instanceof SpectrogramError)) throw error;
      const message = `${file} at GPS ${secondsOf(gpsNs)}: ${error.message}.`;
      return { gpsNs, problem: { code: 'bad_scan', message, file } };
    }
  }

  async #scan(
    gpsNs: bigint,
    series: StrainSeries | undefined,
    cluster: TileCluster | undefined,
  ): Promise<Scan> {
    const sample = this.#sampleOf(gpsNs);
    const run = this.#runs.find(({ first, last }) => sample >= first && sample < last);
    if (run === undefined || series === undefined) throw this.#noStrain(gpsNs, series);
    const block = this.#blockOf(run);
    const timeSec = this.#secondsInto(block, gpsNs);
    const scan = this.#scanner.scan(block.whitened, timeSec, this.#task.windowsSec);
    const { q, energy, snr, frequencyHz } = scan.peak;
    return {
      gpsNs,
      peak: { gpsNs: this.#gpsOf(block, scan.peak.timeSec), frequencyHz, q, energy, snr },
      windows: scan.grids.map(({ windowSec, grid }) => ({
        windowSec,
        ...(this.#task.asFigure ? grid : { ...MESSAGE_GRID, data: encodeGrid(grid) }),
      })),
      leftOutSec: scan.leftOutSec,
      file: series.file,
      channel: series.channel,
      quality: await withHdf5(series.file, (hdf5) => readQuality(hdf5, gpsNs)),
      found:
        cluster === undefined
          ? undefined
          : {
              snr: cluster.snr,
              frequencyHz: cluster.frequencyHz,
              q: cluster.q,
              durationSec: cluster.endSec - cluster.startSec,
              bandwidthHz: cluster.highHz - cluster.lowHz,
              centralFrequencyHz: (cluster.lowHz + cluster.highHz) / 2,
            },
    };
  }

  search() {
    const { search, series } = this.#task;
    const found: { readonly gpsNs: bigint; readonly cluster: TileCluster }[] = [];
    const problems: ReturnType<IngestError['toProblem']>[] = [];
    if (search === undefined) return { found, problems };
    const from = this.#sampleOf(search.fromGpsNs);
    const to = this.#sampleOf(search.toGpsNs);
    const file = series[0]?.file ?? '';
    for (const run of this.#runs) {
      if (run.last <= from || run.first >= to) continue;
      try {
        const block = this.#blockOf(run);
        const clusters = this.#scanner.search(block.whitened, {
          fromSec: this.#secondsInto(block, search.fromGpsNs),
          toSec: this.#secondsInto(block, search.toGpsNs),
          minSnr: search.minSnr,
        });
        if (clusters.length > MAX_FOUND) {
          throw new SpectrogramError(
            'bad_scan',
            `expected at most ${MAX_FOUND} transients, found ${clusters.length}`,
          );
        }
        for (const cluster of clusters) {
          found.push({ gpsNs: this.#gpsOf(block, cluster.timeSec), cluster });
        }
      } catch (error) {
        if (!(error instanceof IngestError || error instanceof SpectrogramError)) throw error;
        const [a, b] = [run.first, run.last].map((at) => secondsOf(this.#gpsOfSample(at)));
        const message =
          error instanceof IngestError
            ? error.message
            : `${file} GPS ${a} to ${b}: ${error.message}.`;
        problems.push({ code: 'bad_scan', message, file });
      }
    }
    return { found, problems };
  }

  #blockOf(run: Run): Block {
    const known = this.#blocks.get(run.first);
    if (known !== undefined) return known;
    const { sampleRateHz, samples } = this.#region;
    const part = blockIn(run, {
      middle: BLOCK_SEC * sampleRateHz,
      length: BLOCK_SEC * sampleRateHz,
      sampleRateHz,
    });
    if (part === undefined) {
      const [a, b] = [run.first, run.last].map((at) => secondsOf(this.#gpsOfSample(at)));
      throw new SpectrogramError(
        'bad_scan',
        `expected at least ${MIN_WHITENING_SEC} s without a gap, found ${a} to ${b}`,
      );
    }
    const whitened = this.#scanner.whiten(samples.subarray(part.first, part.last));
    const block = { run: part, whitened };
    this.#blocks.set(run.first, block);
    return block;
  }

  #sampleOf(gpsNs: bigint): number {
    const { startGpsNs, sampleRateHz } = this.#region;
    return Math.floor((Number(gpsNs - startGpsNs) * sampleRateHz) / 1e9);
  }

  #gpsOfSample(sample: number): bigint {
    const { startGpsNs, sampleRateHz } = this.#region;
    return startGpsNs + BigInt(Math.round((sample * 1e9) / sampleRateHz));
  }

  #secondsInto({ run }: Block, gpsNs: bigint): number {
    const { startGpsNs, sampleRateHz } = this.#region;
    return Number(gpsNs - startGpsNs) / 1e9 - run.first / sampleRateHz;
  }

  #gpsOf({ run }: Block, timeSec: number): bigint {
    const { startGpsNs, sampleRateHz } = this.#region;
    return startGpsNs + BigInt(Math.round((run.first / sampleRateHz + timeSec) * 1e9));
  }

  #noStrain(gpsNs: bigint, series: StrainSeries | undefined): IngestError {
    const files = this.#task.series;
    const known = files
      .map((each) => `${secondsOf(each.startGpsNs)} to ${secondsOf(each.endGpsNs)}`)
      .join(', ');
    const found = series === undefined ? `GPS ${known}` : 'a gap (not-a-number)';
    const file = series?.file ?? files[0]?.file ?? '';
    return new IngestError(
      'no_strain',
      `${file}: expected strain at GPS ${secondsOf(gpsNs)}; found ${found}.`,
      { file },
    );
  }
}

function secondsOf(gpsNs: bigint): string {
  const digits = gpsNs.toString().padStart(10, '0');
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`.replace(/\.?0+$/, '');
}
