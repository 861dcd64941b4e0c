import { NumericsError } from '../errors.js';
import type { Contingency } from './contingency.js';

/**
 * A contingency table kept up with a stream: a point is added, removed, or moved
 * (removed and added) at the cost of one count, whatever has come before. Only whole
 * numbers are kept, so nothing accumulates: what is computed from `table()` is what
 * the same points would give in one batch, bit for bit.
 *
 *     const counter = new ContingencyCounter();
 *     counter.add(3, 0);                  // a point of class 3 in cluster 0
 *     vMeasureOf(counter.table());
 *
 * Memory goes with the pairs that occur, never above the number of points.
 */
export class ContingencyCounter {
  /** By cluster, then class. No count is 0 and no cluster empty. */
  readonly #counts = new Map<number, Map<number, number>>();
  readonly #classSizes = new Map<number, number>();
  readonly #clusterSizes = new Map<number, number>();
  #points = 0;

  get points(): number {
    return this.#points;
  }

  add(label: number, cluster: number): void {
    let counts = this.#counts.get(cluster);
    if (counts === undefined) {
      counts = new Map();
      this.#counts.set(cluster, counts);
    }
    increase(counts, label);
    increase(this.#classSizes, label);
    increase(this.#clusterSizes, cluster);
    this.#points++;
  }

  /** @throws NumericsError bad_option where no such point is counted. */
  remove(label: number, cluster: number): void {
    const counts = this.#counts.get(cluster);
    if (counts?.get(label) === undefined) {
      throw new NumericsError(
        'bad_option',
        `remove: expected a counted point of class ${label} in cluster ${cluster}, found none`,
      );
    }
    decrease(counts, label);
    if (counts.size === 0) this.#counts.delete(cluster);
    decrease(this.#classSizes, label);
    decrease(this.#clusterSizes, cluster);
    this.#points--;
  }

  classSize(label: number): number {
    return this.#classSizes.get(label) ?? 0;
  }

  clusterSize(cluster: number): number {
    return this.#clusterSizes.get(cluster) ?? 0;
  }

  /** Classes of a cluster's points with their counts; empty for one without points. */
  countsOf(cluster: number): ReadonlyMap<number, number> {
    return this.#counts.get(cluster) ?? none;
  }

  clusters(): Iterable<number> {
    return this.#counts.keys();
  }

  /** @param keep Which clusters count; all by default, noise (-1) as a cluster. */
  table(keep: (cluster: number) => boolean = () => true): Contingency {
    const clusters = Int32Array.from([...this.#counts.keys()].filter(keep)).sort();
    const present = new Set<number>();
    for (const cluster of clusters) {
      for (const label of this.countsOf(cluster).keys()) present.add(label);
    }
    const classes = Int32Array.from(present).sort();
    const rowOf = new Map(Array.from(classes, (label, row) => [label, row]));
    const counts = new Float64Array(classes.length * clusters.length);
    const classSizes = new Float64Array(classes.length);
    const clusterSizes = new Float64Array(clusters.length);
    let points = 0;
    clusters.forEach((cluster, column) => {
      for (const [label, count] of this.countsOf(cluster)) {
        const row = rowOf.get(label)!;
        counts[row * clusters.length + column] = count;
        classSizes[row]! += count;
        clusterSizes[column]! += count;
        points += count;
      }
    });
    return { points, classes, clusters, counts, classSizes, clusterSizes };
  }
}

const none: ReadonlyMap<number, number> = new Map();

function increase(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function decrease(counts: Map<number, number>, key: number): void {
  const left = (counts.get(key) ?? 0) - 1;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}
