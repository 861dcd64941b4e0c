import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { CliError } from '../errors.js';

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
export async function runFitPeer(
  python: string,
  { matrix, outDir, minClusterSize }: { matrix: string; outDir: string; minClusterSize: number },
  signal: AbortSignal,
): Promise<FitPeer> {
  const script = fileURLToPath(new URL('../../src/bench/umap-peer.py', import.meta.url));
  const child = spawn(python, [script, matrix, outDir, String(minClusterSize)], {
    signal,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) {
    throw new CliError(
      'pipeline_failed',
      `${python}: expected a Python with umap-learn and hdbscan, found exit ${code}`,
    );
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as FitPeer;
}
