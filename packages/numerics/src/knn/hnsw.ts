import hnswlib from 'hnswlib-node';
import { NumericsError } from '../errors.js';
import { assertPoints, assertShape, type Matrix } from '../matrix.js';
import { choiceOption, wholeOption } from '../options.js';
import type { Metric } from './metric.js';
import { NeighborLists, type Neighbors } from './neighbor-lists.js';
import { VectorRows } from './vector-rows.js';

export interface HnswOptions {
  /** Links per node and layer (default 16). */
  readonly m?: number;
  /** Candidates kept while inserting (default 200): higher is slower and more exact. */
  readonly efConstruction?: number;
  /** Candidates that a search follows unless told (default 100), at least 2 k. */
  readonly ef?: number;
  /** Seed of the layer draws (default 42). */
  readonly seed?: number;
  readonly metric?: Metric;
  /** Rows to make room for (default: as many as given); it grows by doubling beyond. */
  readonly capacity?: number;
  readonly onProgress?: (fraction: number) => void;
}

export interface HnswSearchResult {
  /** Row numbers, nearest first; as many as asked for or as there are. */
  readonly indices: Int32Array;
  /** The metric's distances of those rows, recomputed in float64. */
  readonly distances: Float32Array;
}

const MAGIC = 0x4e_48_57_47;
const HEADER_BYTES = 32;

/**
 * Approximate nearest neighbours by a hierarchical navigable small world graph
 * (Malkov and Yashunin 2018, arXiv:1603.09320), hnswlib underneath.
 *
 * Promises: rows are numbered in the order they were added; the same rows in
 * the same order with the same options give the same answers (one thread, seeded
 * layers); candidates are ranked anew by (distance in float64, row number), so
 * duplicates come lowest row first. The given matrix is referenced, not copied:
 * it must not be written to while the index lives.
 */
export class HnswIndex {
  readonly metric: Metric;
  readonly m: number;
  readonly efConstruction: number;
  readonly seed: number;
  readonly #vectors: VectorRows;
  readonly #defaultEf: number;
  readonly #graph: hnswlib.HierarchicalNSW;
  /** hnswlib takes plain arrays only; one is enough for all calls. */
  readonly #scratch: number[];
  #capacity: number;
  #ef = -1;

  constructor(points: Matrix, options: HnswOptions = {}) {
    assertPoints(points, 'points');
    if (points.cols === 0) {
      throw new NumericsError('bad_shape', 'points: expected at least 1 column, found 0');
    }
    this.metric = choiceOption('metric', options.metric ?? 'cosine', ['cosine', 'euclidean']);
    this.m = wholeOption('m', options.m ?? 16, 2);
    this.efConstruction = wholeOption('efConstruction', options.efConstruction ?? 200, 1);
    this.#defaultEf = wholeOption('ef', options.ef ?? 100, 1);
    this.seed = wholeOption('seed', options.seed ?? 42, 0);
    this.#vectors = new VectorRows(points);
    this.#capacity = Math.max(1, points.rows, wholeOption('capacity', options.capacity ?? 0, 0));
    this.#scratch = new Array<number>(points.cols).fill(0);
    this.#graph = new hnswlib.HierarchicalNSW(
      this.metric === 'cosine' ? 'cosine' : 'l2',
      points.cols,
    );
    this.#graph.initIndex(this.#capacity, this.m, this.efConstruction, this.seed);
    for (let row = 0; row < points.rows; row++) {
      this.#insert(row);
      if (row % 1024 === 0) options.onProgress?.(row / points.rows);
    }
    if (points.rows > 0) options.onProgress?.(1);
  }

  /** Rows in the index. */
  get size(): number {
    return this.#vectors.rows;
  }

  get cols(): number {
    return this.#vectors.cols;
  }

  /**
   * Appends one vector (copied) and returns its row number.
   *
   * @throws NumericsError bad_shape or not_finite.
   */
  add(vector: Float32Array): number {
    this.#check(vector, 'vector');
    if (this.size === this.#capacity) {
      this.#capacity = Math.max(1024, this.#capacity * 2);
      this.#graph.resizeIndex(this.#capacity);
    }
    const row = this.#vectors.append(vector);
    this.#insert(row);
    return row;
  }

  /** The vector of `row` as it was given; a view, not to be written to. */
  vector(row: number): Float32Array {
    return this.#vectors.row(row);
  }

  /**
   * The k rows nearest to `query`.
   *
   * @param ef candidates followed in the search (default max(`ef` of the options, 2 k)).
   * @throws NumericsError bad_shape, not_finite, bad_option.
   */
  search(query: Float32Array, k: number, ef?: number): HnswSearchResult {
    this.#check(query, 'query');
    const count = Math.min(wholeOption('k', k, 1), this.size);
    if (count === 0) return { indices: new Int32Array(0), distances: new Float32Array(0) };
    const candidates = Math.max(
      count,
      wholeOption('ef', ef ?? Math.max(this.#defaultEf, 2 * k), 1),
    );
    if (candidates !== this.#ef) {
      this.#graph.setEf(candidates);
      this.#ef = candidates;
    }
    for (let c = 0; c < query.length; c++) this.#scratch[c] = query[c]!;
    // A few more than asked: float32 sums may order near ties otherwise than float64 ones.
    const drawn = Math.min(this.size, count + 8, Math.max(candidates, count));
    const found = this.#graph.searchKnn(this.#scratch, drawn).neighbors;
    const list = new NeighborLists(1, count);
    const distanceTo = this.#vectors.distancesFrom(query, this.metric);
    for (const row of found) list.offer(0, distanceTo(row), row);
    const got = Math.min(count, found.length);
    return {
      indices: list.indices.slice(0, got),
      distances: Float32Array.from(list.distances.subarray(0, got)),
    };
  }

  /**
   * Vectors and options as bytes. The graph itself is not among them: hnswlib
   * can only write files, and this package does none. `deserializeHnswIndex`
   * inserts the rows again in the same order and so answers the same.
   */
  serialize(): Uint8Array {
    const { rows, cols } = this.#vectors;
    const bytes = new Uint8Array(HEADER_BYTES + 4 * rows * cols);
    const view = new DataView(bytes.buffer);
    const metric = this.metric === 'cosine' ? 1 : 0;
    const fields = [MAGIC, 1, rows, cols, this.m, this.efConstruction, this.seed, metric];
    for (const [i, field] of fields.entries()) view.setUint32(4 * i, field, true);
    const body = new Float32Array(bytes.buffer, HEADER_BYTES);
    for (let row = 0; row < rows; row++) body.set(this.#vectors.row(row), row * cols);
    return bytes;
  }

  /**
   * Lets hnswlib write its graph to a file, for owners that do I/O and cannot
   * wait for a rebuild; `loadHnswIndex` reads it back beside the same vectors.
   */
  saveGraph(path: string): void {
    this.#graph.writeIndexSync(path);
  }

  /** See `loadHnswIndex`. */
  static async load(path: string, points: Matrix, options: HnswOptions = {}): Promise<HnswIndex> {
    const none = { rows: 0, cols: points.cols, data: new Float32Array(0) };
    assertShape(points, 'points');
    const index = new HnswIndex(none, { ...options, capacity: 1 });
    await index.#graph.readIndex(path);
    if (index.#graph.getCurrentCount() !== points.rows) {
      throw new NumericsError(
        'bad_shape',
        `${path}: expected a graph of ${points.rows} rows, found ${index.#graph.getCurrentCount()}`,
      );
    }
    index.#capacity = index.#graph.getMaxElements();
    index.#vectors.adopt(points);
    return index;
  }

  #insert(row: number): void {
    const vector = this.#vectors.row(row);
    for (let c = 0; c < vector.length; c++) this.#scratch[c] = vector[c]!;
    this.#graph.addPoint(this.#scratch, row);
  }

  #check(vector: Float32Array, what: string): void {
    if (vector.length !== this.cols) {
      throw new NumericsError(
        'bad_shape',
        `${what}: expected ${this.cols} values, found ${vector.length}`,
      );
    }
    assertPoints({ rows: 1, cols: this.cols, data: vector }, what);
  }
}

/** Builds an index over the rows of `points` (n x d); see HnswIndex for its promises. */
export function buildHnswIndex(points: Matrix, options: HnswOptions = {}): HnswIndex {
  return new HnswIndex(points, options);
}

/**
 * Rebuilds the index that `serialize` wrote, inserting every row again.
 *
 * @throws NumericsError bad_bytes when the bytes are not such an index.
 */
export function deserializeHnswIndex(bytes: Uint8Array): HnswIndex {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const field = (i: number): number => view.getUint32(4 * i, true);
  if (bytes.byteLength < HEADER_BYTES || field(0) !== MAGIC || field(1) !== 1) {
    throw new NumericsError('bad_bytes', 'hnsw index: expected a version 1 header');
  }
  const rows = field(2);
  const cols = field(3);
  const expected = HEADER_BYTES + 4 * rows * cols;
  if (bytes.byteLength !== expected) {
    throw new NumericsError(
      'bad_bytes',
      `hnsw index: expected ${expected} bytes for ${rows} x ${cols}, found ${bytes.byteLength}`,
    );
  }
  // A copy, because the bytes may start at an address that is no multiple of four.
  const body = new Float32Array(bytes.slice(HEADER_BYTES).buffer);
  return new HnswIndex(
    { rows, cols, data: body },
    {
      m: field(4),
      efConstruction: field(5),
      seed: field(6),
      metric: field(7) === 1 ? 'cosine' : 'euclidean',
    },
  );
}

/**
 * Reads a graph that `saveGraph` wrote and puts it over the same vectors, in
 * the same order, with the same options; the vectors are taken for finite. hnswlib does the
 * reading, in a thread of its own: a second or more at a million rows.
 *
 * @throws NumericsError bad_shape when the row counts differ; Error from hnswlib
 *   when the file is missing or not a graph.
 */
export function loadHnswIndex(
  path: string,
  points: Matrix,
  options: HnswOptions = {},
): Promise<HnswIndex> {
  return HnswIndex.load(path, points, options);
}

/** k nearest rows of each indexed row, itself first, in knnExact's layout. */
export function knnFromIndex(
  index: HnswIndex,
  k: number,
  onProgress?: (fraction: number) => void,
): Neighbors {
  const n = index.size;
  const width = Math.min(wholeOption('k', k, 1), n);
  const indices = new Int32Array(n * width);
  const distances = new Float32Array(n * width);
  for (let i = 0; i < n; i++) {
    const found = index.search(index.vector(i), width);
    indices[i * width] = i;
    let at = i * width + 1;
    const end = (i + 1) * width;
    for (let c = 0; c < found.indices.length && at < end; c++) {
      if (found.indices[c] === i) continue;
      indices[at] = found.indices[c]!;
      distances[at] = found.distances[c]!;
      at++;
    }
    for (; at < end; at++) {
      indices[at] = -1;
      distances[at] = Number.POSITIVE_INFINITY;
    }
    if (i % 1024 === 0) onProgress?.(i / n);
  }
  return { k: width, indices, distances };
}
