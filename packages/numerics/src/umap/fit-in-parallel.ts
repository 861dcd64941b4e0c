import { NumericsError } from '../errors.js';
import { firstColumns } from '../knn/neighbor-columns.js';
import type { Neighbors } from '../knn/neighbor-lists.js';
import { assertFinite, assertShape, type RealMatrix } from '../matrix.js';
import { wholeOption } from '../options.js';
import { defaultThreads, ThreadPool } from '../parallel/thread-pool.js';
import { fitUmap, neighborsOf, type UmapReference } from './fit.js';
import { type UmapOptions, type UmapParams, umapParams, type WarmStart } from './options.js';
import { ParallelSession } from './parallel-session.js';
import { StageClock } from './stage-clock.js';

/** From this many rows on `fitUmapInParallel` is another algorithm than `fitUmap`. */
export const PARALLEL_FROM = 4096;

export interface ParallelUmapOptions extends UmapOptions {
  /**
   * Asked once the neighbours are known (n x nNeighbors, each row itself first): a layout to
   * go on from, undefined for a start from nothing.
   */
  readonly startFrom?: (knn: Neighbors) => WarmStart | undefined;
  /** Neighbours per row to be returned, the row itself counted; nNeighbors unless more. */
  readonly knnWidth?: number;
  /** Worker threads (one per core, at most 8). The result does not depend on it. */
  readonly threads?: number;
  /** Ends the threads at once; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface ParallelUmapModel extends UmapReference {
  /** n x knnWidth, each row itself first. */
  readonly knn: Neighbors;
  /** Wall seconds by stage, in order. */
  readonly secondsByStage: Readonly<Record<string, number>>;
}

/** A fit that can take more rows in. Its threads and its memory last until `close`. */
export interface GrowingUmap {
  readonly model: ParallelUmapModel;
  /**
   * Lays out all rows again with `added` (m x d) behind them: from the places there are, in
   * a short descent, so that the map moves little. Not what a fit of all rows would give.
   *
   * @throws NumericsError too_large beyond the capacity; not_finite; bad_shape.
   */
  grow(added: RealMatrix): Promise<ParallelUmapModel>;
  close(): Promise<void>;
}

/**
 * UMAP of many rows on several cores, for metric cosine and a layout in a plane.
 *
 * From 4,096 rows on neighbours come from a search in a subspace (see NeighbourSearch), the
 * layout starts from the two widest directions instead of the spectrum, and two parts of
 * it descend side by side (see descendLayout): as trustworthy as umap-learn's, but not its
 * arithmetic. Fewer rows, other metrics and dimensions, a random start, given neighbours,
 * rows of length 0: `fitUmap` on the calling thread, to the byte.
 *
 * The same points, options and version give the same bytes for any number of threads. The
 * rows are copied once into memory that the threads share, 4 GiB at most for all.
 *
 * @throws NumericsError not_finite (row and column named), bad_shape, bad_option, too_large.
 */
export async function fitUmapInParallel(
  points: RealMatrix,
  options: ParallelUmapOptions = {},
): Promise<ParallelUmapModel> {
  const { params, knnWidth } = checked(points, options);
  if (!isParallel(points, params, options)) return fitAlone(points, options, knnWidth);
  const clock = new StageClock(options.onProgress);
  const session = openSession(points, { capacity: points.rows, grows: false }, options);
  try {
    // The threads know no zero rows, and name no NaN.
    if (!(await session.take(points))) {
      assertFinite(points, 'points');
      return fitAlone(points, options, knnWidth);
    }
    clock.lap('rows');
    const fitted = await session.fit(clock, options.startFrom);
    return { points, params, ...fitted, secondsByStage: clock.laps };
  } finally {
    await session.close();
  }
}

/**
 * As fitUmapInParallel, with room for `capacity` rows in all.
 *
 * @throws NumericsError bad_shape where the rows or the options are none for threads.
 */
export async function openGrowingUmap(
  points: RealMatrix,
  capacity: number,
  options: ParallelUmapOptions = {},
): Promise<GrowingUmap> {
  const { params } = checked(points, options);
  if (!isParallel(points, params, options) || capacity < points.rows) {
    throw new NumericsError(
      'bad_shape',
      `points: expected ${PARALLEL_FROM} to ${capacity} rows, metric cosine and a plane, found ${points.rows} rows, ${params.metric}, ${params.nComponents} dimensions`,
    );
  }
  const session = openSession(points, { capacity, grows: true }, options);
  const { cols } = points;
  let all = points;
  const take = async (rows: RealMatrix): Promise<void> => {
    if (await session.take(rows)) return;
    assertFinite(rows, 'points');
    throw new NumericsError('not_finite', 'points: expected rows with a direction, found zeros');
  };
  try {
    const clock = new StageClock(options.onProgress);
    await take(points);
    clock.lap('rows');
    const fitted = await session.fit(clock);
    return {
      model: { points, params, ...fitted, secondsByStage: clock.laps },
      async grow(added) {
        assertShape(added, 'added');
        if (added.cols !== cols || all.rows + added.rows > capacity) {
          throw new NumericsError(
            'bad_shape',
            `added: expected at most ${capacity - all.rows} rows of ${cols} columns, found ${added.rows} x ${added.cols}`,
          );
        }
        const warm = new StageClock(options.onProgress);
        await take(added);
        all = joined(all, added);
        warm.lap('rows');
        const grown = await session.refit(warm);
        return { points: all, params, ...grown, secondsByStage: warm.laps };
      },
      close: () => session.close(),
    };
  } catch (error) {
    await session.close();
    throw error;
  }
}

function checked(
  points: RealMatrix,
  options: ParallelUmapOptions,
): { readonly params: UmapParams; readonly knnWidth: number } {
  assertShape(points, 'points');
  const params = umapParams(options);
  options.signal?.throwIfAborted();
  return { params, knnWidth: knnWidthOf(params, options) };
}

function knnWidthOf({ nNeighbors }: UmapParams, { knnWidth }: ParallelUmapOptions): number {
  return Math.max(nNeighbors, wholeOption('knnWidth', knnWidth ?? nNeighbors, 1));
}

function openSession(
  { cols }: RealMatrix,
  size: { readonly capacity: number; readonly grows: boolean },
  options: ParallelUmapOptions,
): ParallelSession {
  const params = umapParams(options);
  const threads = wholeOption('threads', options.threads ?? defaultThreads(), 1);
  return new ParallelSession((memory) => new ThreadPool(memory, threads, options.signal), {
    cols,
    ...size,
    params,
    knnWidth: knnWidthOf(params, options),
  });
}

function isParallel(points: RealMatrix, params: UmapParams, options: UmapOptions): boolean {
  return (
    points.rows >= PARALLEL_FROM &&
    points.cols > 0 &&
    params.metric === 'cosine' &&
    params.nComponents === 2 &&
    params.init === 'spectral' &&
    options.knn === undefined
  );
}

function fitAlone(
  points: RealMatrix,
  options: ParallelUmapOptions,
  knnWidth: number,
): ParallelUmapModel {
  const clock = new StageClock();
  let before = '';
  const onProgress: NonNullable<UmapOptions['onProgress']> = (progress) => {
    if (before !== '' && before !== progress.stage) clock.lap(before);
    before = progress.stage;
    options.onProgress?.(progress);
  };
  const params = umapParams(options);
  const { startFrom } = options;
  const isAsked = options.knn === undefined && (knnWidth > params.nNeighbors || startFrom);
  const wide = isAsked
    ? neighborsOf(points, { ...params, nNeighbors: knnWidth }, undefined, (fraction) =>
        onProgress({ stage: 'neighbors', fraction }),
      ).knn
    : options.knn;
  const near = wide && { knn: firstColumns(wide, params.nNeighbors) };
  const warm = near && startFrom?.(near.knn);
  const { embedding, knn } = fitUmap(points, {
    ...options,
    ...near,
    ...(warm && {
      initialLayout: warm.layout,
      nEpochs: warm.nEpochs,
      learningRate: warm.learningRate,
    }),
    onProgress,
  });
  if (before !== '') clock.lap(before);
  return { points, embedding, params, knn: wide ?? knn, secondsByStage: clock.laps };
}

function joined(a: RealMatrix, b: RealMatrix): RealMatrix {
  const data = new Float32Array(a.data.length + b.data.length);
  data.set(a.data);
  data.set(b.data, a.data.length);
  return { rows: a.rows + b.rows, cols: a.cols, data };
}
