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
  /** Against the first method; undefined for itself. */
  readonly against?: McNemar;
}

const minClusterSize = 5;

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
): Promise<readonly MethodQuality[]> {
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
  const vectors = new Map<string, readonly Float32Array[]>();
  vectors.set(options.embedder, await networkVectors(glitches, { name: options.embedder }, signal));
  for (const [name, path] of [
    ['resnet18-imagenet', options.resnet18],
    ['mobilenetv2-imagenet', options.mobilenetv2],
  ] as const) {
    if (path === undefined) continue;
    vectors.set(name, await networkVectors(glitches, { name, path }, signal));
  }
  vectors.set('quantiles, no network', glitches.map(quantileDescriptor));

  let first: NeighbourQuality | undefined;
  return [...vectors].map(([method, rows]) => {
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
      ...(against ? { against } : {}),
    };
  });
}
