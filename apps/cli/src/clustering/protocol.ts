import type {
  HdbscanModel,
  HdbscanOptions,
  NumericsProgress,
  RealMatrix,
} from '@glitchwatch/numerics';

export type ClusteringOptions = Omit<HdbscanOptions, 'onProgress'>;

export interface ClusteringWorkerData {
  readonly points: RealMatrix;
  readonly options: ClusteringOptions;
}

/** What of a model the commands write. */
export type Clustering = Pick<
  HdbscanModel,
  'labels' | 'probabilities' | 'outlierScores' | 'condensedTree'
>;

export type ClusteringAnswer =
  | { readonly progress: NumericsProgress }
  | { readonly clustering: Clustering };
