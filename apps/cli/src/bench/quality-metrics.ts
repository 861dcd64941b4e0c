/** What the nearest neighbours by cosine say, each glitch itself left out. */
export interface NeighbourQuality {
  /** Glitches whose class has another member; only these are scored. */
  readonly scored: number;
  readonly accuracy: number;
  /** Mean over classes. */
  readonly balancedAccuracy: number;
  readonly meanAveragePrecision: number;
  /** For each scored glitch, whether its nearest neighbour is of its class. */
  readonly hits: readonly boolean[];
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function unit(vector: Float32Array): Float64Array {
  const norm = Math.sqrt(vector.reduce((sum, v) => sum + v * v, 0));
  return Float64Array.from(vector, (v) => v / Math.max(norm, 1e-12));
}

/** @param queries indices of the glitches to score, among all; default every one. */
export function neighbourQuality(
  vectors: readonly Float32Array[],
  labels: readonly string[],
  queries: readonly number[] = vectors.map((_, i) => i),
): NeighbourQuality {
  const units = vectors.map(unit);
  const hits: boolean[] = [];
  const precisions: number[] = [];
  const byClass = new Map<string, number[]>();
  for (const i of queries) {
    const query = units[i]!;
    const label = labels[i] ?? '';
    if (labels.filter((other) => other === label).length < 2) continue;
    const order = units
      .map((other, j) => ({ j, similarity: other.reduce((sum, v, d) => sum + v * query[d]!, 0) }))
      .filter(({ j }) => j !== i)
      .sort((a, b) => b.similarity - a.similarity);
    let found = 0;
    const precisionAtHits: number[] = [];
    order.forEach(({ j }, rank) => {
      if (labels[j] !== label) return;
      found += 1;
      precisionAtHits.push(found / (rank + 1));
    });
    const hit = labels[order[0]?.j ?? -1] === label;
    hits.push(hit);
    precisions.push(mean(precisionAtHits));
    byClass.set(label, [...(byClass.get(label) ?? []), hit ? 1 : 0]);
  }
  return {
    scored: hits.length,
    accuracy: mean(hits.map((hit) => (hit ? 1 : 0))),
    balancedAccuracy: mean([...byClass.values()].map(mean)),
    meanAveragePrecision: mean(precisions),
    hits,
  };
}

export interface McNemar {
  /** Right by the first alone, and by the second alone. */
  readonly firstOnly: number;
  readonly secondOnly: number;
  /** Two-sided, exact: binomial with chance 1/2. */
  readonly pValue: number;
}

/** McNemar's test of two methods on the same glitches. McNemar 1947, Psychometrika 12, 153. */
export function mcnemar(first: readonly boolean[], second: readonly boolean[]): McNemar {
  const firstOnly = first.filter((hit, i) => hit && !second[i]).length;
  const secondOnly = first.filter((hit, i) => !hit && second[i]).length;
  const n = firstOnly + secondOnly;
  let term = 0.5 ** n;
  let tail = 0;
  for (let k = 0; k <= Math.min(firstOnly, secondOnly); k++) {
    tail += term;
    term *= (n - k) / (k + 1);
  }
  return { firstOnly, secondOnly, pValue: Math.min(1, 2 * tail) };
}
