/**
 * Which old family each new cluster continues.
 *
 * A cluster continues the family with which it shares most glitches, one to one,
 * largest overlap first, where the shared part is at least MIN_JACCARD of both
 * together. Only glitches that had a place in both fits count: a family that grew
 * from 50 to 150 by new arrivals is still the same family.
 *
 * A family that splits keeps its id in the largest part; families that merge keep
 * the id of the largest; everything else gets a fresh id, and no id comes twice.
 */

/** Three equal parts of a family still keep its id in one of them; five do not. */
export const MIN_JACCARD = 0.25;

export interface FamilyMatchInput {
  /** Cluster of each row in the new fit, -1 for noise. */
  readonly labels: Int32Array;
  /** Family of each row before, -1 for none. */
  readonly previousFamilyIds: Int32Array;
  readonly nClusters: number;
  readonly nextFamilyId: number;
}

export interface FamilyMatch {
  /** Family id of each cluster. */
  readonly familyIds: readonly number[];
  readonly nextFamilyId: number;
}

interface Overlap {
  readonly cluster: number;
  readonly familyId: number;
  readonly shared: number;
}

export function matchFamilies(input: FamilyMatchInput): FamilyMatch {
  const { nClusters } = input;
  const familyIds = new Array<number>(nClusters).fill(-1);
  const taken = new Set<number>();
  for (const { cluster, familyId } of countOverlaps(input)) {
    if (familyIds[cluster] !== -1 || taken.has(familyId)) continue;
    familyIds[cluster] = familyId;
    taken.add(familyId);
  }
  let nextFamilyId = input.nextFamilyId;
  for (let cluster = 0; cluster < nClusters; cluster++)
    if (familyIds[cluster] === -1) familyIds[cluster] = nextFamilyId++;
  return { familyIds, nextFamilyId };
}

/** Overlaps that reach the threshold, largest first; ties by family, then by cluster. */
function countOverlaps({ labels, previousFamilyIds }: FamilyMatchInput): Overlap[] {
  const previous = new Map<number, number>();
  const clusters = new Map<number, number>();
  const shared = new Map<number, Map<number, number>>();
  for (let row = 0; row < labels.length; row++) {
    const familyId = previousFamilyIds[row]!;
    if (familyId < 0) continue;
    add(previous, familyId);
    const cluster = labels[row]!;
    if (cluster < 0) continue;
    add(clusters, cluster);
    const byFamily = shared.get(cluster) ?? new Map<number, number>();
    shared.set(cluster, byFamily);
    add(byFamily, familyId);
  }
  const overlaps: Overlap[] = [];
  for (const [cluster, byFamily] of shared)
    for (const [familyId, n] of byFamily) {
      const union = previous.get(familyId)! + clusters.get(cluster)! - n;
      if (n >= MIN_JACCARD * union) overlaps.push({ cluster, familyId, shared: n });
    }
  overlaps.sort((a, b) => b.shared - a.shared || a.familyId - b.familyId || a.cluster - b.cluster);
  return overlaps;
}

function add(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
