import { join } from 'node:path';
import type { Clustering } from '../clustering/cluster-in-thread.js';
import { writeNpy } from '../npy.js';

/** labels.npy (int64, -1 noise), probabilities.npy and outlier_scores.npy (float64). */
export async function writeClusters(outDir: string, model: Clustering): Promise<void> {
  const { labels, probabilities, outlierScores } = model;
  const shape = [labels.length];
  await writeNpy(join(outDir, 'labels.npy'), {
    shape,
    data: BigInt64Array.from(labels, (label) => BigInt(label)),
  });
  await writeNpy(join(outDir, 'probabilities.npy'), { shape, data: probabilities });
  await writeNpy(join(outDir, 'outlier_scores.npy'), { shape, data: outlierScores });
}

export interface ClusterCounts {
  readonly points: number;
  readonly clusters: number;
  readonly noise: number;
}

export function countClusters(labels: Int32Array): ClusterCounts {
  const found = new Set<number>();
  let noise = 0;
  for (const label of labels) {
    if (label < 0) noise += 1;
    else found.add(label);
  }
  return { points: labels.length, clusters: found.size, noise };
}
