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

/** Runs umap-peer.py; layouts and labels are in `outDir` afterwards. */
export function runFitPeer(
  python: string,
  { matrix, outDir, minClusterSize }: { matrix: string; outDir: string; minClusterSize: number },
  signal: AbortSignal,
): Promise<FitPeer> {
  return runPythonPeer(python, {
    script: 'umap-peer.py',
    args: [matrix, outDir, String(minClusterSize)],
    needs: 'umap-learn and hdbscan',
    signal,
  });
}
