import { smoothKnnDist } from '../umap/smooth-knn-dist.js';

/** Work on rows that needs Math.exp and so is no WebAssembly: same threads, same memory. */
export type RowKernelName = 'smoothRows';

type RowKernel = (memory: WebAssembly.Memory, args: readonly number[]) => void;

/** smoothKnnDist of rows [from, to): distances n x k float32, their mean, sigmas and rhos n float32. */
const smoothRows: RowKernel = ({ buffer }, args) => {
  const [distances = 0, k = 0, connectivity = 0, mean = 0, sigmas = 0, rhos = 0] = args;
  const [from = 0, to = 0] = args.slice(6);
  const rows = to - from;
  const own = new Float32Array(buffer, distances + 4 * from * k, rows * k);
  const knn = { k, indices: new Int32Array(0), distances: own };
  const smoothed = smoothKnnDist(knn, connectivity, mean);
  new Float32Array(buffer, sigmas + 4 * from, rows).set(smoothed.sigmas);
  new Float32Array(buffer, rhos + 4 * from, rows).set(smoothed.rhos);
};

export const rowKernels: Readonly<Record<RowKernelName, RowKernel>> = { smoothRows };

export function isRowKernel(name: string): name is RowKernelName {
  return name in rowKernels;
}
