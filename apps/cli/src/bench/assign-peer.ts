import { runPythonPeer } from './python-peer.js';

export interface PeerFigures {
  readonly umap: string;
  readonly hdbscan: string;
  readonly fitSec: number;
  readonly singleP50Ms: number;
  readonly singleP99Ms: number;
  readonly singleCpuMs: number;
  /** A row, in batches of 1,000. */
  readonly batchMsPerRow: number;
  readonly batchCpuMs: number;
}

export interface PeerWork {
  /** Reference rows and then the others, row-major. */
  readonly vectors: Float32Array;
  readonly dimension: number;
  readonly nReference: number;
  readonly nQueries: number;
  readonly minClusterSize: number;
  /** How many are placed one at a time. */
  readonly singles: number;
  readonly signal: AbortSignal;
}

/** The same work by umap-learn and hdbscan, on one thread. */
export function assignPeer(python: string, work: PeerWork): Promise<PeerFigures> {
  const { vectors, dimension, nReference, nQueries, minClusterSize, singles, signal } = work;
  return runPythonPeer(python, {
    script: 'assign-peer.py',
    args: [nReference, dimension, nQueries, minClusterSize, singles].map(String),
    needs: 'umap-learn and hdbscan',
    input: vectors,
    oneThread: true,
    signal,
  });
}
