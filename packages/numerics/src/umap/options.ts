import { NumericsError } from '../errors.js';
import type { Metric } from '../knn/metric.js';
import type { Neighbors } from '../knn/neighbor-lists.js';
import { choiceOption, type NumericsProgress, realOption, wholeOption } from '../options.js';
import { type CurveParams, findAbParams } from './curve.js';

/** Options of fitUmap: umap-learn's names in camelCase, and its defaults. */
export interface UmapOptions {
  /** Neighbours per row, the row itself counted (15); cut to the rows there are. */
  readonly nNeighbors?: number;
  /** Dimensions of the layout (2). */
  readonly nComponents?: number;
  /** Distance in the input space (euclidean). */
  readonly metric?: Metric;
  /** How close points may come in the layout (0.1). */
  readonly minDist?: number;
  /** Scale of the layout (1). */
  readonly spread?: number;
  /** Epochs of the optimisation (1000 up to 2,500 rows, 500 up to 10,000, else 200). */
  readonly nEpochs?: number;
  /** Start of the layout (spectral). */
  readonly init?: 'spectral' | 'random';
  /** Start of the layout instead of `init`, n x nComponents, taken as it is: to go on from a map. */
  readonly initialLayout?: Float32Array;
  readonly learningRate?: number;
  readonly repulsionStrength?: number;
  readonly negativeSampleRate?: number;
  readonly localConnectivity?: number;
  readonly setOpMixRatio?: number;
  /** Seed of every random draw of the fit (42). */
  readonly randomState?: number;
  /** Seed of every random draw of transformUmap (42). */
  readonly transformSeed?: number;
  /** Neighbours found elsewhere, n x nNeighbors, each row itself first. */
  readonly knn?: Neighbors;
  /** Stages in order: neighbors, graph, initial-layout, optimize. */
  readonly onProgress?: (progress: NumericsProgress) => void;
}

/** All that transformUmap needs to know of the fit's options; plain data. */
export interface UmapParams {
  readonly nNeighbors: number;
  readonly nComponents: number;
  readonly metric: Metric;
  readonly nEpochs: number | undefined;
  readonly init: 'spectral' | 'random';
  readonly learningRate: number;
  readonly repulsionStrength: number;
  readonly negativeSampleRate: number;
  readonly localConnectivity: number;
  readonly setOpMixRatio: number;
  readonly randomState: number;
  readonly transformSeed: number;
  readonly curve: CurveParams;
}

/** Options with defaults filled in and ranges checked. */
export function umapParams(options: UmapOptions): UmapParams {
  const setOpMixRatio = realOption('setOpMixRatio', options.setOpMixRatio ?? 1, 0);
  if (setOpMixRatio > 1) {
    throw new NumericsError('bad_option', `setOpMixRatio: expected <= 1, found ${setOpMixRatio}`);
  }
  return {
    nNeighbors: wholeOption('nNeighbors', options.nNeighbors ?? 15, 2),
    nComponents: wholeOption('nComponents', options.nComponents ?? 2, 1),
    metric: choiceOption('metric', options.metric ?? 'euclidean', ['cosine', 'euclidean']),
    nEpochs: options.nEpochs === undefined ? undefined : wholeOption('nEpochs', options.nEpochs, 1),
    init: choiceOption('init', options.init ?? 'spectral', ['spectral', 'random']),
    learningRate: realOption('learningRate', options.learningRate ?? 1, 0),
    repulsionStrength: realOption('repulsionStrength', options.repulsionStrength ?? 1, 0),
    negativeSampleRate: wholeOption('negativeSampleRate', options.negativeSampleRate ?? 5, 1),
    localConnectivity: realOption('localConnectivity', options.localConnectivity ?? 1, 0),
    setOpMixRatio,
    randomState: options.randomState ?? 42,
    transformSeed: options.transformSeed ?? 42,
    curve: findAbParams(options.spread ?? 1, options.minDist ?? 0.1),
  };
}

/** A layout to go on from, and how. */
export interface WarmStart {
  /** n x 2, by row. */
  readonly layout: Float32Array;
  readonly nEpochs: number;
  readonly learningRate: number;
}
