import type { SparseGraph } from '../umap/fuzzy-graph.js';
import { epochsPerSampleOf } from '../umap/optimize-layout.js';
import type { UmapParams } from '../umap/options.js';
import type { Arena } from './arena.js';
import { coefficientTables } from './coefficient-tables.js';
import type { ThreadPool } from './thread-pool.js';
import type { Round } from './work.js';

/** Parts that descend side by side. Part of the result: the number of threads is not. */
export const PARTS = 2;
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
 * and takes over the others' places after every epoch. See assembly/descend-epoch.ts.
 */
export async function descendLayout(
  pool: ThreadPool,
  arena: Arena,
  layout: Float32Array,
  descent: Descent,
): Promise<void> {
  const { graph, nEpochs, params } = descent;
  const mark = arena.mark();
  const { n } = graph;
  const edges = graph.columns.length;
  const offsetsAt = arena.allocate(4 * (n + 1));
  const tailsAt = arena.allocate(4 * edges);
  const everyAt = arena.allocate(4 * (edges + 4));
  const dueAt = arena.allocate(4 * (edges + 4));
  arena.uint32(offsetsAt, n + 1).set(graph.offsets);
  arena.uint32(tailsAt, edges).set(graph.columns);
  const every = arena.float32(everyAt, edges);
  every.set(epochsPerSampleOf(graph.weights, descent.heaviest, nEpochs));
  arena.float32(dueAt, edges).set(every);
  const tables = coefficientTables(params.curve, params.repulsionStrength);
  const tablesAt = arena.allocate(4 * tables.length);
  arena.float32(tablesAt, tables.length).set(tables);

  const cuts = cutByEdges(graph.offsets, PARTS);
  const placesAt = cuts.slice(1).map(() => arena.allocate(8 * n));
  const places = placesAt.map((at) => arena.float32(at, 2 * n));
  for (const own of places) own.set(layout);
  const parts = placesAt.flatMap((at, part) => {
    const randomAt = arena.allocate(8);
    arena.uint64(randomAt, 1)[0] = descent.seeds[part] ?? 0n;
    return [cuts[part]!, cuts[part + 1]!, at, randomAt];
  });
  const exchange: Round = {
    kernel: 'copyBytes',
    common: [],
    varying: Float64Array.from(exchanges(cuts, placesAt)),
    perCall: 3,
  };
  const common = [offsetsAt, tailsAt, everyAt, dueAt, n, tablesAt, params.negativeSampleRate];
  const epochRounds = (epoch: number): Round[] => {
    // As in umap-learn: by the epoch before, so epochs 0 and 1 share the full rate.
    const alpha = descent.initialAlpha * (1 - Math.max(0, epoch - 1) / nEpochs);
    const varying = Float64Array.from(parts);
    return [
      { kernel: 'descendEpoch', common: [...common, epoch, alpha], varying, perCall: 4 },
      exchange,
    ];
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
