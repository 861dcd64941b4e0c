import type { Matrix } from '@glitchwatch/numerics';
import type { FittedFamily } from './family-summary.js';

const N_EXEMPLARS = 5;

export interface ClusteredRows {
  /** Cluster of each row, -1 for noise. */
  readonly labels: Int32Array;
  readonly idOfCluster: readonly number[];
  readonly persistence: ArrayLike<number>;
  /** n x 2. */
  readonly layout: Float32Array;
  /** Unit vectors. */
  readonly points: Matrix;
}

/** Members, place on the map and most typical members of each cluster, by family id. */
export function describeFamilies(rows: ClusteredRows): FittedFamily[] {
  const members = rows.idOfCluster.map((): number[] => []);
  rows.labels.forEach((label, row) => {
    members[label]?.push(row);
  });
  return members
    .map((memberRows, cluster): FittedFamily => {
      const [mapX, mapY] = centreOf(memberRows, rows.layout);
      return {
        familyId: rows.idOfCluster[cluster]!,
        persistence: rows.persistence[cluster]!,
        mapX,
        mapY,
        memberRows,
        exemplarRows: exemplarsOf(memberRows, rows.points),
      };
    })
    .sort((a, b) => a.familyId - b.familyId);
}

function centreOf(memberRows: readonly number[], layout: Float32Array): [number, number] {
  let x = 0;
  let y = 0;
  for (const row of memberRows) {
    x += layout[2 * row]!;
    y += layout[2 * row + 1]!;
  }
  return [x / memberRows.length, y / memberRows.length];
}

/**
 * The medoid and the members nearest to it. For unit vectors the smallest mean
 * cosine distance belongs to the largest product with the members' sum.
 */
function exemplarsOf(memberRows: readonly number[], { cols, data }: Matrix): number[] {
  const sum = new Float64Array(cols);
  for (const row of memberRows) for (let i = 0; i < cols; i++) sum[i]! += data[row * cols + i]!;
  const medoid = largestProduct(memberRows, sum, data)[0];
  if (medoid === undefined) return [];
  const at = data.subarray(medoid * cols, (medoid + 1) * cols);
  const others = memberRows.filter((row) => row !== medoid);
  return [medoid, ...largestProduct(others, at, data).slice(0, N_EXEMPLARS - 1)];
}

function largestProduct(
  rows: readonly number[],
  direction: ArrayLike<number>,
  data: Float32Array,
): number[] {
  const cols = direction.length;
  const scored = rows.map((row) => {
    let product = 0;
    for (let i = 0; i < cols; i++) product += direction[i]! * data[row * cols + i]!;
    return { row, product };
  });
  return scored.sort((a, b) => b.product - a.product || a.row - b.row).map(({ row }) => row);
}
