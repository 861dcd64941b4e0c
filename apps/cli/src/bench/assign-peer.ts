import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { CliError } from '../errors.js';

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
export async function assignPeer(python: string, work: PeerWork): Promise<PeerFigures> {
  const { vectors, dimension, nReference, nQueries, minClusterSize, singles, signal } = work;
  const script = fileURLToPath(new URL('../../src/bench/assign-peer.py', import.meta.url));
  const oneThread = {
    OMP_NUM_THREADS: '1',
    OPENBLAS_NUM_THREADS: '1',
    MKL_NUM_THREADS: '1',
    NUMBA_NUM_THREADS: '1',
  };
  const numbers = [nReference, dimension, nQueries, minClusterSize, singles].map(String);
  const child = spawn(python, [script, ...numbers], {
    signal,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...oneThread },
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = once(child, 'close');
  // A Python that ends early says why on stderr; what it did not read is no error of its own.
  child.stdin.on('error', () => undefined);
  child.stdin.end(Buffer.from(vectors.buffer, vectors.byteOffset, vectors.byteLength));
  const [code] = (await ended) as [number | null];
  if (code !== 0) {
    throw new CliError(
      'pipeline_failed',
      `${python}: expected a Python with umap-learn and hdbscan, found exit ${code}`,
    );
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as PeerFigures;
}
