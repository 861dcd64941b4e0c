import { Arena } from '../parallel/arena.js';
import { CELLS, coefficientTables } from '../parallel/coefficient-tables.js';
import { compileKernels, instantiateKernels, type Kernels } from '../parallel/kernels.js';
import type { UmapParams } from './options.js';

/** Edges that there is room for at first; more make the room twice as large. */
const FIRST_EDGES = 64;
/** Heads from 0 to 1, own vertices 0 and so 1 of them: the row. */
const ROW_ALONE = [0, 1, 0, 1] as const;
/** The kernel looks at edges by fours. */
const PADDING = 3;

/** Edges of one row to fitted rows. */
export interface RowEdges {
  /** Fitted rows. */
  readonly tails: Int32Array;
  /** Epochs between two pulls, 1 for the heaviest edge. */
  readonly every: Float64Array;
}

export interface RowDescent {
  readonly nEpochs: number;
  readonly initialAlpha: number;
  /** 32-bit integers, at least two; with the row's start they seed its draws. */
  readonly seeds: readonly [number, number, ...number[]];
}

interface EdgeBuffers {
  readonly capacity: number;
  readonly tailsAt: number;
  readonly everyAt: number;
  readonly dueAt: number;
}

/**
 * The plane of a fit, ready to settle new rows among its places, which stay: the
 * parallel fit's own descent (assembly/descend-epoch.ts) of a graph whose vertex 0 is
 * the row and whose others are the fitted rows. An eighth of `optimizeLayout`'s time.
 */
export class PlaneDescent {
  readonly #arena = new Arena();
  readonly #kernels: Kernels;
  readonly #rows: number;
  readonly #rate: number;
  readonly #tablesAt: number;
  readonly #offsetsAt: number;
  readonly #randomAt: number;
  readonly #placesAt: number;
  #edges: EdgeBuffers;

  /** @param places n x 2; copied. */
  constructor(
    places: Float32Array,
    {
      curve,
      repulsionStrength,
      negativeSampleRate,
    }: Pick<UmapParams, 'curve' | 'repulsionStrength' | 'negativeSampleRate'>,
  ) {
    const arena = this.#arena;
    this.#kernels = instantiateKernels(compileKernels(), arena.memory);
    this.#rows = places.length / 2;
    this.#rate = negativeSampleRate;
    this.#tablesAt = arena.allocate(4 * 2 * CELLS);
    const tables = coefficientTables(curve, repulsionStrength);
    // The kernel doubles the pull of a vertex that it does not move: half of it here.
    for (let cell = 0; cell < CELLS; cell++) tables[cell]! /= 2;
    arena.float32(this.#tablesAt, tables.length).set(tables);
    this.#offsetsAt = arena.allocate(4 * 2);
    this.#randomAt = arena.allocate(8);
    this.#placesAt = arena.allocate(4 * (places.length + 2));
    arena.float32(this.#placesAt, places.length + 2).set(places, 2);
    this.#edges = this.#edgeBuffers(FIRST_EDGES);
  }

  /** Descends from `place` (2), in place. What it becomes depends on nothing else. */
  settle(place: Float32Array, edges: RowEdges, { nEpochs, initialAlpha, seeds }: RowDescent): void {
    const arena = this.#arena;
    const { tailsAt, everyAt, dueAt } = this.#write(edges);
    const own = arena.float32(this.#placesAt, 2);
    own.set(place);
    const start = arena.int32(this.#placesAt, 2);
    const random = arena.int32(this.#randomAt, 2);
    random[0] = seeds[0] ^ start[0]!;
    random[1] = seeds[1] ^ start[1]!;
    const poolAt = this.#placesAt + 8;
    let alpha = initialAlpha;
    for (let epoch = 0; epoch < nEpochs; epoch++) {
      this.#kernels.descendEpoch(
        this.#offsetsAt,
        tailsAt,
        everyAt,
        dueAt,
        this.#rows,
        this.#tablesAt,
        this.#rate,
        epoch,
        alpha,
        this.#rows + 1,
        ...ROW_ALONE,
        this.#placesAt,
        poolAt,
        this.#randomAt,
      );
      // As in optimizeLayout: epochs 0 and 1 share the full rate.
      alpha = initialAlpha * (1 - epoch / nEpochs);
    }
    place.set(own);
  }

  #write({ tails, every }: RowEdges): EdgeBuffers {
    const count = tails.length;
    if (count > this.#edges.capacity) this.#edges = this.#edgeBuffers(2 * count);
    const arena = this.#arena;
    const { tailsAt, everyAt, dueAt } = this.#edges;
    const vertices = arena.uint32(tailsAt, count);
    for (let e = 0; e < count; e++) vertices[e] = tails[e]! + 1;
    arena.float32(everyAt, count).set(every);
    arena.float32(dueAt, count).set(every);
    arena.uint32(this.#offsetsAt, 2)[1] = count;
    return this.#edges;
  }

  #edgeBuffers(capacity: number): EdgeBuffers {
    const allocate = () => this.#arena.allocate(4 * (capacity + PADDING));
    return { capacity, tailsAt: allocate(), everyAt: allocate(), dueAt: allocate() };
  }
}
