import { type Contingency, contingency } from './contingency.js';

/** What one cluster is made of. Entropies in nats and bits. */
export interface ClusterComposition {
  readonly cluster: number;
  readonly size: number;
  /** Share of the most frequent class. */
  readonly purity: number;
  /** That class; the lowest of equally frequent ones. */
  readonly majority: number;
  /** Number of classes present. */
  readonly classes: number;
  readonly entropyNats: number;
  readonly entropyBits: number;
  /** Entropy over its maximum, log of the classes present; 0 for a single class. */
  readonly entropyNormalised: number;
}

/** Composition of each cluster by class, ascending by cluster; noise (-1) as a cluster. */
export function clusterCompositions(
  classes: ArrayLike<number>,
  clusters: ArrayLike<number>,
): ClusterComposition[] {
  return compositionsOf(contingency(classes, clusters));
}

/** clusterCompositions of counted pairs. */
export function compositionsOf(table: Contingency): ClusterComposition[] {
  const width = table.clusters.length;
  return Array.from(table.clusters, (cluster, c) => {
    const size = table.clusterSizes[c]!;
    let most = 0;
    let majority = -1;
    let present = 0;
    let entropy = 0;
    for (let r = 0; r < table.classes.length; r++) {
      const count = table.counts[r * width + c]!;
      if (count === 0) continue;
      present++;
      entropy -= (count / size) * Math.log(count / size);
      if (count > most) {
        most = count;
        majority = table.classes[r]!;
      }
    }
    return {
      cluster,
      size,
      purity: most / size,
      majority,
      classes: present,
      entropyNats: entropy + 0,
      entropyBits: (entropy + 0) / Math.LN2,
      entropyNormalised: present > 1 ? entropy / Math.log(present) : 0,
    };
  });
}

/**
 * Share of points whose class is the most frequent in their cluster (Manning,
 * Raghavan and Schuetze 2008, section 16.3). NaN for no points.
 */
export function purity(classes: ArrayLike<number>, clusters: ArrayLike<number>): number {
  return purityOf(contingency(classes, clusters));
}

/** purity of counted pairs. */
export function purityOf(table: Contingency): number {
  let matched = 0;
  for (const part of compositionsOf(table)) matched += part.purity * part.size;
  return matched / table.points;
}

/** Entropy of the classes within a cluster, in nats, averaged by size. NaN for no points. */
export function clusterEntropy(classes: ArrayLike<number>, clusters: ArrayLike<number>): number {
  let sum = 0;
  for (const part of clusterCompositions(classes, clusters)) sum += part.entropyNats * part.size;
  return sum / classes.length;
}
