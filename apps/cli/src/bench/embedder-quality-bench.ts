import { bundledModelDir, createEmbedder } from '@glitchwatch/embedder';
import { fitHdbscan, matrixFromRows, normalizedMutualInfo } from '@glitchwatch/numerics';
import type { Glitch } from '@glitchwatch/proto';
import { CliError } from '../errors.js';
import { pictureGlitches } from '../run/picture-glitches.js';
import {
  type McNemar,
  mcnemar,
  type NeighbourQuality,
  neighbourQuality,
} from './quality-metrics.js';
import { quantileDescriptor } from './quantile-descriptor.js';

export interface EmbedderQualityOptions {
  readonly images: string;
  readonly metadata?: string | undefined;
  readonly embedder: string;
  readonly resnet18?: string | undefined;
  readonly mobilenetv2?: string | undefined;
  readonly signal: AbortSignal;
}

export interface MethodQuality extends Omit<NeighbourQuality, 'hits'> {
  readonly method: string;
  readonly dimension: number;
  /** Of the families HDBSCAN finds with the windows a glitch has, and with its label. */
  readonly nmiWindows: number;
  readonly nmiLabels: number;
  /**
   * Where every glitch that has all four windows is shown with all, the three and the two
   * shortest, and one alone, so that gaps say nothing about the class. undefined for a
   * method that is not a network.
   */
  readonly gaps: GapFamilies | undefined;
  /** Against the first method; undefined for itself. */
  readonly against?: McNemar;
}

export interface GapFamilies {
  readonly families: number;
  /** Of the families with the windows shown, and with the labels. */
  readonly nmiGaps: number;
  readonly nmiLabels: number;
}

export interface EmbedderQuality {
  readonly methods: readonly MethodQuality[];
  /** What labels and windows share in this collection, before any embedder: no family can do better and be right. */
  readonly nmiLabelsWindows: number;
}

const minClusterSize = 5;
/** Indices of the windows shown, shortest first. */
const GAPS: readonly (readonly number[])[] = [[0, 1, 2, 3], [0, 1, 2], [0, 1], [1]];

async function networkVectors(
  glitches: readonly Glitch[],
  model: { readonly name: string; readonly path?: string },
  signal: AbortSignal,
): Promise<readonly Float32Array[]> {
  const embedder = await createEmbedder({
    modelDir: bundledModelDir(model.name),
    modelPath: model.path,
  });
  try {
    const results = await embedder.embedEach(glitches, signal);
    return results.map((result) => {
      if (result.kind === 'failed') throw result.error;
      return result.vector;
    });
  } finally {
    await embedder.close();
  }
}

/** Each glitch that has all windows, once with every choice of them. */
function withGaps(glitches: readonly Glitch[]): {
  readonly glitches: Glitch[];
  readonly gaps: Int32Array;
  readonly labels: Int32Array;
} {
  const whole = glitches.filter(({ windows }) => windows.length === GAPS[0]?.length);
  const shown = GAPS.flatMap((kept) =>
    whole.map((glitch) => ({
      ...glitch,
      windows: [...glitch.windows]
        .sort((a, b) => a.windowSec - b.windowSec)
        .filter((_, i) => kept.includes(i)),
    })),
  );
  const gaps = Int32Array.from(shown, (_, i) => Math.floor(i / Math.max(1, whole.length)));
  return { glitches: shown, gaps, labels: codes(shown.map(({ trigger }) => trigger?.label ?? '')) };
}

/** A number for each distinct text, in order of appearance. */
function codes(texts: readonly string[]): Int32Array {
  const distinct = [...new Set(texts)];
  return Int32Array.from(texts, (text) => distinct.indexOf(text));
}

function families(vectors: readonly Float32Array[]): Int32Array {
  const rows = vectors.map((vector) => {
    const norm = Math.sqrt(vector.reduce((sum, v) => sum + v * v, 0));
    return Array.from(vector, (v) => v / Math.max(norm, 1e-12));
  });
  return Int32Array.from(fitHdbscan(matrixFromRows(rows), { minClusterSize }).labels);
}

/** Bundled embedder, ImageNet networks where given and the plain descriptor on the same glitches. */
export async function benchEmbedderQuality(
  options: EmbedderQualityOptions,
): Promise<EmbedderQuality> {
  const { images, metadata, signal } = options;
  const all = await pictureGlitches({ images, metadata, logLevel: 'warn' }, signal);
  const glitches = all.filter(({ trigger }) => trigger?.label);
  if (glitches.length < 2) {
    throw new CliError(
      'nothing_to_do',
      `${images}: expected glitches with labels, found ${glitches.length}; --metadata CSV names them`,
    );
  }
  const labels = glitches.map(({ trigger }) => trigger?.label ?? '');
  const windows = glitches.map((glitch) => glitch.windows.map((w) => w.windowSec).join(' '));
  const gapped = withGaps(glitches);
  const vectors = new Map<string, readonly Float32Array[]>();
  const gaps = new Map<string, GapFamilies>();
  for (const [name, path] of [
    [options.embedder, undefined],
    ['resnet18-imagenet', options.resnet18],
    ['mobilenetv2-imagenet', options.mobilenetv2],
  ] as const) {
    if (name !== options.embedder && path === undefined) continue;
    const model = path === undefined ? { name } : { name, path };
    vectors.set(name, await networkVectors(glitches, model, signal));
    const found = families(await networkVectors(gapped.glitches, model, signal));
    gaps.set(name, {
      families: new Set(found.filter((label) => label >= 0)).size,
      nmiGaps: normalizedMutualInfo(found, gapped.gaps),
      nmiLabels: normalizedMutualInfo(found, gapped.labels),
    });
  }
  vectors.set('quantiles, no network', glitches.map(quantileDescriptor));

  let first: NeighbourQuality | undefined;
  const methods = [...vectors].map(([method, rows]): MethodQuality => {
    const quality = neighbourQuality(rows, labels);
    const { hits, ...figures } = quality;
    const found = families(rows);
    const against = first ? mcnemar(first.hits, hits) : undefined;
    first ??= quality;
    return {
      method,
      dimension: rows[0]?.length ?? 0,
      ...figures,
      nmiWindows: normalizedMutualInfo(found, codes(windows)),
      nmiLabels: normalizedMutualInfo(found, codes(labels)),
      gaps: gaps.get(method),
      ...(against ? { against } : {}),
    };
  });
  return { methods, nmiLabelsWindows: normalizedMutualInfo(codes(labels), codes(windows)) };
}
