import type { SparseGraph } from '../umap/fuzzy-graph.js';
import { epochsPerSampleOf } from '../umap/optimize-layout.js';
import type { UmapParams } from '../umap/options.js';
import type { Arena } from './arena.js';
import { coefficientTables } from './coefficient-tables.js';
import type { ThreadPool } from './thread-pool.js';
import type { Round } from './work.js';

/** Parts that descend side by side. Part of the result: the number of threads is not. */
export const PARTS = 2;
/** Places that a part draws others from: 256 kB, half a second-level cache. */
const POOL = 32_768;
/** From so many vertices on; with fewer, others are drawn from all places. */
const POOL_FROM = 4 * POOL;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** Epochs between two reports. */
const REPORT_EVERY = 10;

export interface Descent {
  readonly graph: SparseGraph;
  readonly heaviest: number;
  readonly nEpochs: number;
  readonly params: UmapParams;
  readonly initialAlpha: number;
  /** One 64-bit seed per part. */
  readonly seeds: readonly bigint[];
  readonly onProgress?: (fraction: number) => void;
}

/**
 * Descends from `layout` (n x 2, by position), in place. Vertices are cut by position into
 * two parts of about as many edges; each has a copy of all places, where it moves its own,
 * and takes over the others' places after every epoch. Where all places do not fit a cache,
 * those that push are drawn from an even sample, another one each epoch.
 * See assembly/descend-epoch.ts.
 */
export async function descendLayout(
  pool: ThreadPool,
  arena: Arena,
  layout: Float32Array,
  descent: Descent,
): Promise<void> {
  const { graph, nEpochs, params } = descent;
  const { n } = graph;
  const mark = arena.mark();
  const edgesAt = edgesIn(arena, descent);
  const tables = coefficientTables(params.curve, params.repulsionStrength);
  const tablesAt = arena.allocate(4 * tables.length);
  arena.float32(tablesAt, tables.length).set(tables);
  const cuts = cutByEdges(graph.offsets, PARTS);
  const placesAt = cuts.slice(1).map(() => arena.allocate(8 * n));
  const places = placesAt.map((at) => arena.float32(at, 2 * n));
  for (const own of places) own.set(layout);
  const sampled = n >= POOL_FROM;
  const poolsAt = placesAt.map((at) => (sampled ? arena.allocate(8 * POOL) : at));
  const parts = placesAt.flatMap((at, part) => {
    const randomAt = arena.allocate(8);
    arena.uint64(randomAt, 1)[0] = descent.seeds[part] ?? 0n;
    return [cuts[part]!, cuts[part + 1]!, at, poolsAt[part]!, randomAt];
  });
  const exchange: Round = {
    kernel: 'copyBytes',
    common: [],
    varying: Float64Array.from(exchanges(cuts, placesAt)),
    perCall: 3,
  };
  const common = [...edgesAt, sampled ? POOL : n, tablesAt, params.negativeSampleRate];
  const epochRounds = (epoch: number): Round[] => {
    // As in umap-learn: by the epoch before, so epochs 0 and 1 share the full rate.
    const alpha = descent.initialAlpha * (1 - Math.max(0, epoch - 1) / nEpochs);
    const descend: Round = {
      kernel: 'descendEpoch',
      common: [...common, epoch, alpha],
      varying: Float64Array.from(parts),
      perCall: 5,
    };
    const samples = sampled ? [sampleOf(epoch, n, placesAt, poolsAt)] : [];
    return [...samples, descend, exchange];
  };
  for (let epoch = 0; epoch < nEpochs; epoch += REPORT_EVERY) {
    const until = Math.min(nEpochs, epoch + REPORT_EVERY);
    await pool.run(Array.from({ length: until - epoch }, (_, i) => epochRounds(epoch + i)).flat());
    descent.onProgress?.(until / nEpochs);
  }
  for (let part = 0; part < places.length; part++) {
    const from = 2 * cuts[part]!;
    layout.set(places[part]!.subarray(from, 2 * cuts[part + 1]!), from);
  }
  arena.release(mark);
}

/** Addresses of offsets, tails, every and due, see assembly/descend-epoch.ts. */
function edgesIn(arena: Arena, { graph, heaviest, nEpochs }: Descent): number[] {
  const { n, offsets, columns, weights } = graph;
  const edges = columns.length;
  const offsetsAt = arena.allocate(4 * (n + 1));
  const tailsAt = arena.allocate(4 * edges);
  const everyAt = arena.allocate(4 * (edges + 4));
  const dueAt = arena.allocate(4 * (edges + 4));
  arena.uint32(offsetsAt, n + 1).set(offsets);
  arena.uint32(tailsAt, edges).set(columns);
  const every = arena.float32(everyAt, edges);
  epochsPerSampleOf(weights, heaviest, nEpochs, every);
  arena.float32(dueAt, edges).set(every);
  return [offsetsAt, tailsAt, everyAt, dueAt];
}

/** Fills each part's pool for an epoch; epochs begin at steps of the golden section. */
function sampleOf(
  epoch: number,
  n: number,
  placesAt: readonly number[],
  poolsAt: readonly number[],
): Round {
  const step = Math.floor(n / POOL);
  return {
    kernel: 'samplePlaces',
    common: [step, POOL, Math.floor(step * ((epoch * GOLDEN) % 1))],
    varying: Float64Array.from(placesAt.flatMap((at, part) => [at, poolsAt[part]!])),
    perCall: 2,
  };
}

/** parts + 1 vertices, the first 0 and the last n: between two of them about as many edges. */
function cutByEdges(offsets: Int32Array, parts: number): number[] {
  const n = offsets.length - 1;
  const cuts = [0];
  for (let part = 1, vertex = 0; part < parts; part++) {
    const wanted = (offsets[n]! * part) / parts;
    while (vertex < n && offsets[vertex]! < wanted) vertex++;
    cuts.push(vertex);
  }
  return [...cuts, n];
}

/** (to, from, bytes) of each part's own places into each other part's copy. */
function exchanges(cuts: readonly number[], placesAt: readonly number[]): number[] {
  return placesAt.flatMap((to, reader) =>
    placesAt.flatMap((from, owner) => {
      if (owner === reader) return [];
      const at = 8 * cuts[owner]!;
      return [to + at, from + at, 8 * cuts[owner + 1]! - at];
    }),
  );
}
