import { NumericsError } from '../errors.js';

/** Counts of (class, cluster) pairs. Labels are renumbered in ascending order. */
export interface Contingency {
  readonly points: number;
  /** The labels behind rows and columns, ascending. */
  readonly classes: Int32Array;
  readonly clusters: Int32Array;
  /** classes x clusters, row-major. */
  readonly counts: Float64Array;
  readonly classSizes: Float64Array;
  readonly clusterSizes: Float64Array;
}

/**
 * Contingency table of two labellings of the same points. Any whole label counts
 * as a group of its own, -1 (noise) too: use withoutNoise first to leave it out.
 *
 * @throws NumericsError bad_shape when the lengths differ.
 */
export function contingency(classes: ArrayLike<number>, clusters: ArrayLike<number>): Contingency {
  if (classes.length !== clusters.length) {
    throw new NumericsError(
      'bad_shape',
      `clusters: expected ${classes.length} labels as in classes, found ${clusters.length}`,
    );
  }
  const rows = distinct(classes);
  const columns = distinct(clusters);
  const rowOf = new Map(Array.from(rows, (label, i) => [label, i]));
  const columnOf = new Map(Array.from(columns, (label, i) => [label, i]));
  const counts = new Float64Array(rows.length * columns.length);
  const classSizes = new Float64Array(rows.length);
  const clusterSizes = new Float64Array(columns.length);
  for (let i = 0; i < classes.length; i++) {
    const r = rowOf.get(classes[i]!)!;
    const c = columnOf.get(clusters[i]!)!;
    counts[r * columns.length + c]!++;
    classSizes[r]!++;
    clusterSizes[c]!++;
  }
  const points = classes.length;
  return { points, classes: rows, clusters: columns, counts, classSizes, clusterSizes };
}

/** The same counts with classes and clusters exchanged. */
export function transposed(table: Contingency): Contingency {
  const { points, classes, clusters, counts, classSizes, clusterSizes } = table;
  const exchanged = new Float64Array(counts.length);
  for (let r = 0; r < classes.length; r++) {
    for (let c = 0; c < clusters.length; c++) {
      exchanged[c * classes.length + r] = counts[r * clusters.length + c]!;
    }
  }
  return {
    points,
    classes: clusters,
    clusters: classes,
    counts: exchanged,
    classSizes: clusterSizes,
    clusterSizes: classSizes,
  };
}

/** Both labellings without the points whose cluster is negative. */
export function withoutNoise(
  classes: ArrayLike<number>,
  clusters: ArrayLike<number>,
): { classes: Int32Array; clusters: Int32Array } {
  const keptClasses: number[] = [];
  const keptClusters: number[] = [];
  for (let i = 0; i < clusters.length; i++) {
    if (clusters[i]! < 0) continue;
    keptClasses.push(classes[i]!);
    keptClusters.push(clusters[i]!);
  }
  return { classes: Int32Array.from(keptClasses), clusters: Int32Array.from(keptClusters) };
}

function distinct(labels: ArrayLike<number>): Int32Array {
  return Int32Array.from(new Set(Array.from(labels))).sort();
}
