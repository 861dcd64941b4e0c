import { firstColumns, renumbered } from '../knn/neighbor-columns.js';
import type { Neighbors } from '../knn/neighbor-lists.js';
import type { RealMatrix } from '../matrix.js';
import { Arena } from '../parallel/arena.js';
import { descendLayout, PARTS } from '../parallel/layout-descent.js';
import { NeighbourSearch } from '../parallel/neighbour-search.js';
import type { ThreadPool } from '../parallel/thread-pool.js';
import { ranges } from '../parallel/work.js';
import { createRng, type Rng } from '../rng.js';
import { defaultEpochsOf } from './fit.js';
import { fuzzyGraph, greatestWeight, type SparseGraph, withoutLightEdges } from './fuzzy-graph.js';
import { rescaleAxes } from './initial-layout.js';
import type { UmapParams, WarmStart } from './options.js';
import { meanDistance } from './smooth-knn-dist.js';
import type { StageClock } from './stage-clock.js';

const NOISE = 1e-4;
/** A layout that was descended in full needs a short way with small steps for few new rows. */
const WARM_EPOCHS = 25;
const WARM_ALPHA = 0.25;

export interface SessionInput {
  readonly cols: number;
  /** Most rows there will be. */
  readonly capacity: number;
  /** Whether rows come after the first fit. */
  readonly grows: boolean;
  readonly params: UmapParams;
  /** Neighbours kept per row, the row itself counted. */
  readonly knnWidth: number;
}

export interface SessionResult {
  /** n x 2, by row. */
  readonly embedding: Float32Array;
  readonly knn: Neighbors;
}

/** Graph and layout by vertex: the rows in an order that keeps near ones near. */
interface Ordered {
  readonly knn: Neighbors;
  /** Row of each vertex. */
  readonly rows: Uint32Array;
  readonly positions: Uint32Array;
}

/** The stages of a parallel fit over one shared memory, which stays for rows that come later. */
export class ParallelSession {
  readonly #pool: ThreadPool;
  readonly #arena: Arena;
  readonly #input: SessionInput;
  readonly #dim: number;
  readonly #rowsAt: number;
  readonly #search: NeighbourSearch;
  readonly #rng: Rng;
  #rows = 0;
  /** By row, of the latest fit. */
  #embedding = new Float32Array(0);

  constructor(openPool: (memory: WebAssembly.Memory) => ThreadPool, input: SessionInput) {
    const arena = new Arena();
    this.#arena = arena;
    this.#input = input;
    this.#dim = Math.ceil(input.cols / 8) * 8;
    this.#rowsAt = arena.allocate(4 * input.capacity * this.#dim);
    // The threads start while rows are copied.
    this.#pool = openPool(arena.memory);
    this.#search = new NeighbourSearch(this.#pool, arena, {
      rows: this.#rowsAt,
      dim: this.#dim,
      capacity: input.capacity,
      k: input.knnWidth,
      seed: input.params.randomState,
    });
    this.#rng = createRng(input.params.randomState);
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  /** Rows as unit vectors behind those there are; false where one has no finite length. */
  async take(points: RealMatrix): Promise<boolean> {
    const { rows: n, cols, data } = points;
    const arena = this.#arena;
    const dim = this.#dim;
    const mark = arena.mark();
    const at = this.#rowsAt + 4 * this.#rows * dim;
    const rows = arena.float32(at, n * dim);
    if (dim === cols) rows.set(data);
    else {
      rows.fill(0);
      for (let i = 0; i < n; i++) rows.set(data.subarray(i * cols, (i + 1) * cols), i * dim);
    }
    const refusedAt = arena.allocate(4);
    const refused = arena.uint32(refusedAt, 1).fill(0);
    await this.#pool.run([
      { kernel: 'unitRows', common: [at, dim, refusedAt], varying: ranges(0, n, 1024), perCall: 2 },
    ]);
    this.#rows += n;
    arena.release(mark);
    return refused[0] === 0;
  }

  /** Fits the rows that were taken, from the layout that `startFrom` gives where it does. */
  async fit(
    clock: StageClock,
    startFrom?: (knn: Neighbors) => WarmStart | undefined,
  ): Promise<SessionResult> {
    await this.#search.build(this.#rows, (stage) => clock.lap(stage));
    const ordered = await this.#rank();
    clock.lap('ranking');
    const graph = await this.#graphOf(ordered.knn);
    clock.lap('graph');
    const { nNeighbors, nEpochs, learningRate } = this.#input.params;
    const warm = startFrom?.(firstColumns(byRow(ordered), nNeighbors));
    const layout = warm ? byVertex(warm.layout, ordered.rows) : this.#start(ordered.positions);
    await this.#descend(layout, graph, {
      nEpochs: warm?.nEpochs ?? nEpochs ?? defaultEpochsOf(this.#rows),
      initialAlpha: warm?.learningRate ?? learningRate,
      clock,
    });
    clock.lap('optimize');
    return this.#finish(ordered, layout, clock);
  }

  /** Fits again with the rows that were taken since: from the layout there is. */
  async refit(clock: StageClock): Promise<SessionResult> {
    const before = this.#embedding.length / 2;
    await this.#search.add(this.#rows - before, (stage) => clock.lap(stage));
    const ordered = await this.#rank();
    clock.lap('ranking');
    const graph = await this.#graphOf(ordered.knn);
    clock.lap('graph');
    const layout = this.#startBeside(ordered, graph);
    await this.#descend(layout, graph, {
      nEpochs: WARM_EPOCHS,
      initialAlpha: WARM_ALPHA * this.#input.params.learningRate,
      clock,
    });
    clock.lap('optimize');
    return this.#finish(ordered, layout, clock);
  }

  async #rank(): Promise<Ordered> {
    const mark = this.#arena.mark();
    const { order, indices, distances } = await this.#search.rank();
    const positions = this.#search.vertices();
    const vertexOf = new Uint32Array(order.length);
    positions.forEach((position, vertex) => {
      vertexOf[position] = vertex;
    });
    const byPosition = { k: this.#input.knnWidth, indices, distances };
    const knn = renumbered(byPosition, positions, vertexOf);
    const rows = positions.map((position) => order[position]!);
    this.#arena.release(mark);
    return { knn, rows, positions };
  }

  async #graphOf(wide: Neighbors): Promise<SparseGraph> {
    const arena = this.#arena;
    const { params } = this.#input;
    const knn = firstColumns(wide, params.nNeighbors);
    const { k, distances } = knn;
    const n = this.#rows;
    const mark = arena.mark();
    const distancesAt = arena.allocate(4 * n * k);
    const sigmasAt = arena.allocate(4 * n);
    const rhosAt = arena.allocate(4 * n);
    arena.float32(distancesAt, n * k).set(distances);
    const mean = meanDistance(knn);
    await this.#pool.run([
      {
        kernel: 'smoothRows',
        common: [distancesAt, k, params.localConnectivity, mean, sigmasAt, rhosAt],
        varying: ranges(0, n, 1024),
        perCall: 2,
      },
    ]);
    const smoothed = { sigmas: arena.float32(sigmasAt, n), rhos: arena.float32(rhosAt, n) };
    const graph = fuzzyGraph(knn, smoothed, params.setOpMixRatio);
    arena.release(mark);
    return graph;
  }

  /** By vertex, from the two widest directions on [0, 10]. */
  #start(positions: Uint32Array): Float32Array {
    const { plane } = this.#search;
    const layout = new Float32Array(2 * positions.length);
    positions.forEach((position, vertex) => {
      layout[2 * vertex] = plane[2 * position]!;
      layout[2 * vertex + 1] = plane[2 * position + 1]!;
    });
    rescaleAxes(layout, 2);
    // Equal rows must not start at one place: nothing would part them.
    for (let p = 0; p < layout.length; p++) layout[p]! += NOISE * this.#rng.nextNormal();
    return layout;
  }

  /** By vertex: rows that have a place there, new ones at the weighted mean of such neighbours. */
  #startBeside({ rows }: Ordered, graph: SparseGraph): Float32Array {
    const before = this.#embedding.length / 2;
    const layout = new Float32Array(2 * rows.length);
    rows.forEach((row, vertex) => {
      if (row < before) {
        layout[2 * vertex] = this.#embedding[2 * row]!;
        layout[2 * vertex + 1] = this.#embedding[2 * row + 1]!;
        return;
      }
      let [x, y, sum] = [0, 0, 0];
      for (let e = graph.offsets[vertex]!; e < graph.offsets[vertex + 1]!; e++) {
        const other = rows[graph.columns[e]!]!;
        if (other >= before) continue;
        const weight = graph.weights[e]!;
        x += weight * this.#embedding[2 * other]!;
        y += weight * this.#embedding[2 * other + 1]!;
        sum += weight;
      }
      const scale = sum > 0 ? 1 / sum : 0;
      layout[2 * vertex] = x * scale + NOISE * this.#rng.nextNormal();
      layout[2 * vertex + 1] = y * scale + NOISE * this.#rng.nextNormal();
    });
    return layout;
  }

  async #descend(
    layout: Float32Array,
    graph: SparseGraph,
    way: { readonly nEpochs: number; readonly initialAlpha: number; readonly clock: StageClock },
  ): Promise<void> {
    const { nEpochs, initialAlpha, clock } = way;
    const heaviest = greatestWeight(graph);
    // An edge lighter than this would not be drawn once in all epochs.
    const counted = nEpochs > 10 ? nEpochs : defaultEpochsOf(graph.n);
    const pruned = withoutLightEdges(graph, Math.fround(heaviest / counted));
    await descendLayout(this.#pool, this.#arena, layout, {
      graph: pruned,
      heaviest,
      nEpochs,
      params: this.#input.params,
      initialAlpha,
      seeds: Array.from({ length: PARTS }, () => seed64(this.#rng)),
      onProgress: (fraction) => clock.report('optimize', fraction),
    });
  }

  #finish(ordered: Ordered, layout: Float32Array, clock: StageClock): SessionResult {
    const embedding = new Float32Array(layout.length);
    ordered.rows.forEach((row, vertex) => {
      embedding[2 * row] = layout[2 * vertex]!;
      embedding[2 * row + 1] = layout[2 * vertex + 1]!;
    });
    this.#embedding = embedding;
    const knn = byRow(ordered);
    clock.lap('order');
    return { embedding, knn };
  }
}

function byRow({ knn, rows }: Ordered): Neighbors {
  const vertexOf = new Uint32Array(rows.length);
  rows.forEach((row, vertex) => {
    vertexOf[row] = vertex;
  });
  return renumbered(knn, vertexOf, rows);
}

function byVertex(layout: Float32Array, rows: Uint32Array): Float32Array {
  const ordered = new Float32Array(layout.length);
  rows.forEach((row, vertex) => {
    ordered[2 * vertex] = layout[2 * row]!;
    ordered[2 * vertex + 1] = layout[2 * row + 1]!;
  });
  return ordered;
}

function seed64(rng: Rng): bigint {
  return (BigInt(rng.nextInt32() >>> 0) << 32n) | BigInt(rng.nextInt32() >>> 0);
}
