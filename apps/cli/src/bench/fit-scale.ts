import { featureSheets } from './feature-sheets.js';
import { type FitBenchOptions, OwnFits, type TimedFit } from './fit-bench.js';

export interface ScaledFit extends TimedFit {
  readonly rows: number;
  readonly recall: number;
  /** Of the process so far; sizes grow, so it is this one's. */
  readonly peakRssMb: number;
}

const LEAST_ROWS = 5000;
const SEED = 42;

/** One cold fit of each size, each twice the one before: what a doubling costs. */
export async function benchFitScale(
  options: FitBenchOptions,
  onFit: (fit: ScaledFit, before: ScaledFit | undefined) => void,
): Promise<ScaledFit[]> {
  const done: ScaledFit[] = [];
  for (const rows of sizesUpTo(options.rows)) {
    options.signal.throwIfAborted();
    const own = new OwnFits(featureSheets(rows, options.dimension, 1), undefined, options);
    const fit = await own.cold(SEED);
    const peakRssMb = Math.round(process.resourceUsage().maxRSS / 1024);
    const scaled = { ...fit, rows, recall: own.recall, peakRssMb };
    onFit(scaled, done.at(-1));
    done.push(scaled);
  }
  return done;
}

function sizesUpTo(most: number): number[] {
  const sizes: number[] = [];
  for (let rows = most; rows >= LEAST_ROWS; rows = Math.round(rows / 2)) sizes.unshift(rows);
  return sizes;
}
