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
 * Descends from `layout` (n x 2, by position), in place. Each epoch cuts the ring of vertices
 * by position into two parts of about as many edges; each has a copy of all places, where it
 * moves its own, and takes over the other's places after the epoch. An edge across a cut
 * pulls both its ends from where the other was, so the cuts move: in one place they part
 * what lies there. Where all places do not fit a cache, those that push are drawn from an
 * even sample, another one each epoch. See assembly/descend-epoch.ts.
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
  const placesAt = [arena.allocate(8 * n), arena.allocate(8 * n)] as const;
  const places = placesAt.map((at) => arena.float32(at, 2 * n));
  for (const own of places) own.set(layout);
  const sampled = n >= POOL_FROM;
  const poolsAt = placesAt.map((at) => (sampled ? arena.allocate(8 * POOL) : at));
  const copies = placesAt.map((at, part) => {
    const randomAt = arena.allocate(8);
    arena.uint64(randomAt, 1)[0] = descent.seeds[part] ?? 0n;
    return [at, poolsAt[part]!, randomAt];
  });
  const common = [...edgesAt, sampled ? POOL : n, tablesAt, params.negativeSampleRate];
  const epochRounds = (epoch: number): Round[] => {
    // As in umap-learn: by the epoch before, so epochs 0 and 1 share the full rate.
    const alpha = descent.initialAlpha * (1 - Math.max(0, epoch - 1) / nEpochs);
    const cuts = cutsOf(epoch, graph.offsets);
    const rounds = headsOf(cuts, n).map((heads): Round => {
      const calls = heads.flatMap((from, part) => [...from, ...copies[part]!]);
      return {
        kernel: 'descendEpoch',
        common: [...common, epoch, alpha, n],
        varying: Float64Array.from(calls),
        perCall: 7,
      };
    });
    const samples = sampled ? [sampleOf(epoch, n, placesAt, poolsAt)] : [];
    return [...samples, ...rounds, exchangeOf(cuts, n, placesAt)];
  };
  for (let epoch = 0; epoch < nEpochs; epoch += REPORT_EVERY) {
    const until = Math.min(nEpochs, epoch + REPORT_EVERY);
    await pool.run(Array.from({ length: until - epoch }, (_, i) => epochRounds(epoch + i)).flat());
    descent.onProgress?.(until / nEpochs);
  }
  layout.set(places[0]!);
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

/** Vertices at which an epoch cuts: one part is [first, third), the other the rest. */
interface Cuts {
  readonly first: number;
  /** So far the first part goes in the round in which the other goes from 0 to `first`. */
  readonly second: number;
  readonly third: number;
}

/** By edges: half of them in each part, wherever in the ring the first begins. */
function cutsOf(epoch: number, offsets: Int32Array): Cuts {
  const edges = offsets.at(-1)!;
  const half = edges / 2;
  const begin = half * ((epoch * GOLDEN) % 1);
  return {
    first: vertexAt(offsets, begin),
    second: vertexAt(offsets, 2 * begin),
    third: vertexAt(offsets, begin + half),
  };
}

/** The first vertex with so many edges before it. */
function vertexAt(offsets: Int32Array, edges: number): number {
  let [low, high] = [0, offsets.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (offsets[middle]! < edges) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** (from, to, own, owned) of both parts, in two rounds of about as much work for each. */
function headsOf({ first, second, third }: Cuts, n: number): number[][][] {
  const one = [first, third - first];
  const other = [third, n - (third - first)];
  return [
    [
      [first, second, ...one],
      [0, first, ...other],
    ],
    [
      [second, third, ...one],
      [third, n, ...other],
    ],
  ];
}

/** (to, from, bytes) of each part's own places into the other part's copy. */
function exchangeOf(
  { first, third }: Cuts,
  n: number,
  [one, other]: readonly [number, number],
): Round {
  const copy = (to: number, from: number, begin: number, end: number): number[] => [
    to + 8 * begin,
    from + 8 * begin,
    8 * (end - begin),
  ];
  const copies = [
    ...copy(other, one, first, third),
    ...copy(one, other, 0, first),
    ...copy(one, other, third, n),
  ];
  return { kernel: 'copyBytes', common: [], varying: Float64Array.from(copies), perCall: 3 };
}
