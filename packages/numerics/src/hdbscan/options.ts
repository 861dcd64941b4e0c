import { choiceOption, type NumericsProgress, realOption, wholeOption } from '../options.js';

/** Options of fitHdbscan: hdbscan's names in camelCase, and its defaults. */
export interface HdbscanOptions {
  /** Smallest group that counts as a cluster (5). */
  readonly minClusterSize?: number;
  /** Neighbours that make a point core, itself not counted (minClusterSize). */
  readonly minSamples?: number;
  /** eom: greatest excess of mass; leaf: the finest clusters (eom). */
  readonly clusterSelectionMethod?: 'eom' | 'leaf';
  /** Clusters born at a smaller distance than this are merged upward (0). */
  readonly clusterSelectionEpsilon?: number;
  /** Whether all points may form one cluster (false). */
  readonly allowSingleCluster?: boolean;
  /** Stages in order: core-distances, spanning-tree, hierarchy, selection. */
  readonly onProgress?: (progress: NumericsProgress) => void;
}

export interface HdbscanParams {
  readonly minClusterSize: number;
  readonly minSamples: number;
  readonly clusterSelectionMethod: 'eom' | 'leaf';
  readonly clusterSelectionEpsilon: number;
  readonly allowSingleCluster: boolean;
}

/** Options with defaults filled in and ranges checked. */
export function hdbscanParams(options: HdbscanOptions): HdbscanParams {
  const minClusterSize = wholeOption('minClusterSize', options.minClusterSize ?? 5, 2);
  return {
    minClusterSize,
    minSamples: wholeOption('minSamples', options.minSamples ?? minClusterSize, 1),
    clusterSelectionMethod: choiceOption(
      'clusterSelectionMethod',
      options.clusterSelectionMethod ?? 'eom',
      ['eom', 'leaf'],
    ),
    clusterSelectionEpsilon: realOption(
      'clusterSelectionEpsilon',
      options.clusterSelectionEpsilon ?? 0,
      0,
    ),
    allowSingleCluster: options.allowSingleCluster ?? false,
  };
}
