import type { HdbscanModel, NumericsProgress, RealMatrix } from '@glitchwatch/numerics';
import type { HdbscanFlags } from '../commands/hdbscan-options.js';

export interface ClusteringWorkerData {
  readonly points: RealMatrix;
  readonly options: HdbscanFlags;
}

/** What of a model the commands write. */
export type Clustering = Pick<
  HdbscanModel,
  'labels' | 'probabilities' | 'outlierScores' | 'condensedTree'
>;

export type ClusteringAnswer =
  | { readonly progress: NumericsProgress }
  | { readonly clustering: Clustering };
