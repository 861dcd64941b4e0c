import {
  adjustedRand,
  defaultEpochsOf,
  fitHdbscan,
  fitUmapInParallel,
  type HdbscanModel,
  type Matrix,
  type ParallelUmapModel,
} from '@glitchwatch/numerics';
import { alignMap } from './align-map.js';
import {
  defaultMinClusterSize,
  defaultMinDist,
  defaultMinSamples,
  type FitParams,
  isFew,
} from './fit-params.js';
import { warmStart } from './warm-start.js';

/** A map of few glitches is the most agreed of so many. */
const MAPS_OF_FEW = 5;

export interface MapOptions {
  readonly params: FitParams;
  /** n x 2, NaN for rows that had no place on a map before. */
  readonly previousLayout: Float32Array;
  /** Neighbours of each row to be returned, the row itself counted. */
  readonly knnWidth: number;
  readonly threads?: number | undefined;
}

/** A map, n x 2, and the clusters on it. */
export interface MappedFamilies {
  readonly umap: ParallelUmapModel;
  readonly hdbscan: HdbscanModel;
  readonly secondsByStage: {
    readonly neighbours: number;
    readonly layout: number;
    readonly clusters: number;
  };
}

/**
 * UMAP (cosine, 2-D), then HDBSCAN on it. Goes on from the map before where there was one,
 * else lays out anew. What a map of few glitches shows is partly chance: laid out anew they
 * are mapped five times (seeds `randomState` and the next four), and the map counts whose
 * families agree best with those of the others (mean adjusted Rand index; the first of
 * equals). One that joins what most of them part is never that one.
 */
export async function mapFamilies(points: Matrix, options: MapOptions): Promise<MappedFamilies> {
  const { randomState } = options.params;
  const { isWarm, ...first } = await mapOnce(points, options, randomState);
  if (isWarm || !isFew(points.rows)) return first;
  const maps: MappedFamilies[] = [first];
  for (let i = 1; i < MAPS_OF_FEW; i++) {
    maps.push(await mapOnce(points, options, randomState + i));
  }
  const chosen = maps[mostAgreed(maps.map(({ hdbscan }) => hdbscan.labels))]!;
  return { ...chosen, secondsByStage: sumOf(maps) };
}

/** Index of the labelling whose mean adjusted Rand index to the others is largest. */
export function mostAgreed(labellings: readonly ArrayLike<number>[]): number {
  const agreement = labellings.map((labels, i) =>
    labellings.reduce((sum, others, j) => (i === j ? sum : sum + adjustedRand(others, labels)), 0),
  );
  return agreement.indexOf(Math.max(...agreement));
}

async function mapOnce(
  points: Matrix,
  { params, previousLayout, knnWidth, threads }: MapOptions,
  randomState: number,
): Promise<MappedFamilies & { readonly isWarm: boolean }> {
  const n = points.rows;
  let isWarm = false;
  const umap = await fitUmapInParallel(points, {
    metric: 'cosine',
    nNeighbors: params.nNeighbors,
    minDist: params.minDist ?? defaultMinDist(n),
    ...(params.nEpochs === undefined ? {} : { nEpochs: params.nEpochs }),
    randomState,
    knnWidth,
    ...(threads === undefined ? {} : { threads }),
    startFrom: (knn) => {
      const start = warmStart(previousLayout, knn, params.nEpochs ?? defaultEpochsOf(n));
      isWarm = start !== undefined;
      return start;
    },
  });
  alignMap(umap.embedding, previousLayout);
  const began = performance.now();
  const hdbscan = fitHdbscan(
    { rows: n, cols: 2, data: umap.embedding },
    {
      minClusterSize: params.minClusterSize ?? defaultMinClusterSize(n),
      minSamples: params.minSamples ?? defaultMinSamples(n),
    },
  );
  const clusters = (performance.now() - began) / 1_000;
  return { umap, hdbscan, isWarm, secondsByStage: { ...secondsOf(umap), clusters } };
}

/** Stages of UMAP that come after the neighbours. */
const LAYOUT_STAGES: ReadonlySet<string> = new Set([
  'graph',
  'initial-layout',
  'optimize',
  'order',
]);

function secondsOf(umap: ParallelUmapModel): { neighbours: number; layout: number } {
  const seconds = { neighbours: 0, layout: 0 };
  for (const [stage, took] of Object.entries(umap.secondsByStage)) {
    seconds[LAYOUT_STAGES.has(stage) ? 'layout' : 'neighbours'] += took;
  }
  return seconds;
}

function sumOf(maps: readonly MappedFamilies[]): MappedFamilies['secondsByStage'] {
  const total = (stage: keyof MappedFamilies['secondsByStage']) =>
    maps.reduce((sum, { secondsByStage }) => sum + secondsByStage[stage], 0);
  return { neighbours: total('neighbours'), layout: total('layout'), clusters: total('clusters') };
}
