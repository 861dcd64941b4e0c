import { runPythonPeer } from './python-peer.js';

/** Wall seconds, and CPU seconds of all threads. */
export interface Cost {
  readonly sec: number;
  readonly cpuSec: number;
}

/** umap-learn and hdbscan, compiled beforehand. */
export interface FitPeer {
  readonly umap: string;
  readonly hdbscan: string;
  readonly seeded: Cost;
  readonly parallel: Cost;
  readonly clusters: Cost;
}

export interface FitPeerRun {
  readonly matrix: string;
  readonly outDir: string;
  readonly minClusterSize: number;
  /** Seeds, from 42 on. */
  readonly runs: number;
}

/** Runs umap-peer.py; `seeded-I.npy`, `labels-I.npy` of each seed and `parallel.npy` are in `outDir` afterwards. */
export function runFitPeer(
  python: string,
  { matrix, outDir, minClusterSize, runs }: FitPeerRun,
  signal: AbortSignal,
): Promise<FitPeer> {
  return runPythonPeer(python, {
    script: 'umap-peer.py',
    args: [matrix, outDir, String(minClusterSize), String(runs)],
    needs: 'umap-learn and hdbscan',
    signal,
  });
}
