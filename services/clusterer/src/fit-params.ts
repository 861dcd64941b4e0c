import type { ClustererConfig } from './config.js';

/** What shapes a model; stored in its snapshot. */
export interface FitParams {
  readonly nNeighbors: number;
  /** `defaultMinDist` of the number of rows when absent. */
  readonly minDist?: number | undefined;
  /** umap-learn's rule by the number of rows when absent. */
  readonly nEpochs?: number | undefined;
  readonly randomState: number;
  /** `defaultMinClusterSize` of the number of rows when absent. */
  readonly minClusterSize?: number | undefined;
  /** `defaultMinSamples` of the number of rows when absent. */
  readonly minSamples?: number | undefined;
  /** Neighbours that place a live glitch on the map. */
  readonly neighbours: number;
  /** Neighbours in a novelty score. */
  readonly noveltyNeighbours: number;
}

export const defaultFitParams: FitParams = {
  nNeighbors: 15,
  randomState: 42,
  neighbours: 15,
  noveltyNeighbours: 5,
};

export function fitParamsOf(config: ClustererConfig): FitParams {
  return {
    nNeighbors: config.umapNeighbours,
    minDist: config.umapMinDist,
    nEpochs: config.umapEpochs,
    randomState: config.randomState,
    minClusterSize: config.minClusterSize,
    minSamples: config.minSamples,
    neighbours: config.neighbours,
    noveltyNeighbours: config.noveltyNeighbours,
  };
}

/** So few that what their map shows is partly chance. */
export function isFew(rows: number): boolean {
  return rows < 300;
}

/**
 * umap-learn's 0.1, but 0 for so few that their families are no larger than the loosening:
 * of 64 maps of 135 real glitches (four orders, 16 seeds) 21 ended in two families that
 * join most labels (adjusted Rand index .06), with 0 nine. Of simulated sets of 105 to 250
 * the index is .65 instead of .62, of 470 .74 instead of .78.
 */
export function defaultMinDist(rows: number): number {
  return isFew(rows) ? 0 : 0.1;
}

/** Half the square root of the rows, 5 to 30: 9 for 300, 22 for 2,000, 30 from 3,600 on. */
export function defaultMinClusterSize(rows: number): number {
  return Math.min(30, Math.max(5, Math.round(Math.sqrt(rows) / 2)));
}

/**
 * Half of the smallest family's size, 3 to 5: 3 for 135, 4 for 250, 5 from 324 on. With 5
 * for 135 real glitches four of eight seeds of the map ended in two families that join
 * most labels (adjusted Rand index .37, else .73), with 3 one of eight; min_dist was 0.1.
 */
export function defaultMinSamples(rows: number): number {
  return Math.min(5, Math.max(3, Math.round(Math.sqrt(rows) / 4)));
}
