import type { Neighbors, WarmStart } from '@glitchwatch/numerics';

/** A map goes on from the last one where at least so much of it was there. */
const LEAST_SHARE = 0.5;
/** Places of new rows settle as those of their neighbours do. */
const ROUNDS = 8;

/** Descents of a warm fit are short and soft, or the known rows drift about in their groups. */
const WARM_EPOCHS_SHARE = 0.25;
const MOST_WARM_EPOCHS = 50;
const WARM_LEARNING_RATE = 0.25;

/** Epochs that a warm fit takes where a cold one takes so many. */
function warmEpochs(coldEpochs: number): number {
  return Math.min(MOST_WARM_EPOCHS, Math.ceil(WARM_EPOCHS_SHARE * coldEpochs));
}

/** Where and how a layout goes on from the last map; undefined where it is laid out anew. */
export function warmStart(
  before: Float32Array,
  knn: Neighbors,
  coldEpochs: number,
): WarmStart | undefined {
  const layout = warmLayout(before, knn);
  return layout && { layout, nEpochs: warmEpochs(coldEpochs), learningRate: WARM_LEARNING_RATE };
}

/**
 * Where a layout begins that goes on from the last map: known rows where they were, new
 * ones amid their neighbours, the nearest counting most.
 *
 * @param before n x 2, NaN for rows that were not on the last map.
 * @param knn Neighbours of each row, itself first.
 * @returns undefined where too little of the map was there: then it is laid out anew.
 */
export function warmLayout(before: Float32Array, knn: Neighbors): Float32Array | undefined {
  const n = before.length / 2;
  const fresh: number[] = [];
  for (let row = 0; row < n; row++) if (Number.isNaN(before[2 * row]!)) fresh.push(row);
  if (n - fresh.length < LEAST_SHARE * n || n === fresh.length) return undefined;
  const layout = before.slice();
  for (let round = 0; round < ROUNDS && fresh.length > 0; round++)
    for (const row of fresh) placeAmidNeighbours(layout, row, knn);
  // A group of new rows that knows none of the old begins in the middle of the map.
  const [x, y] = centreOf(before);
  for (const row of fresh) {
    if (!Number.isNaN(layout[2 * row]!)) continue;
    layout[2 * row] = x;
    layout[2 * row + 1] = y;
  }
  spread(layout, fresh);
  return layout;
}

function placeAmidNeighbours(layout: Float32Array, row: number, knn: Neighbors): void {
  const { k, indices, distances } = knn;
  let [x, y, sum] = [0, 0, 0];
  for (let p = row * k + 1; p < (row + 1) * k; p++) {
    const other = indices[p]!;
    if (other < 0 || Number.isNaN(layout[2 * other]!)) continue;
    const weight = 1 / (distances[p]! + 1e-6);
    sum += weight;
    x += weight * layout[2 * other]!;
    y += weight * layout[2 * other + 1]!;
  }
  if (sum === 0) return;
  layout[2 * row] = x / sum;
  layout[2 * row + 1] = y / sum;
}

function centreOf(layout: Float32Array): [number, number] {
  let [x, y, count] = [0, 0, 0];
  for (let row = 0; row < layout.length / 2; row++) {
    if (Number.isNaN(layout[2 * row]!)) continue;
    x += layout[2 * row]!;
    y += layout[2 * row + 1]!;
    count++;
  }
  return [x / count, y / count];
}

/** Rows at one place would push one another nowhere: each a little off, by its number. */
function spread(layout: Float32Array, rows: readonly number[]): void {
  const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));
  for (const row of rows) {
    layout[2 * row]! += 0.01 * Math.cos(GOLDEN_ANGLE * row);
    layout[2 * row + 1]! += 0.01 * Math.sin(GOLDEN_ANGLE * row);
  }
}
