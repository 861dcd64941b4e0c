import { createEmbedder, loadModel } from '@glitchwatch/embedder';
import type { Glitch } from '@glitchwatch/proto';
import { CliError } from '../errors.js';
import { type ModelFlags, modelPlaceOf } from '../model-location.js';
import { startProgress } from '../progress.js';
import { pictureGlitches } from '../run/picture-glitches.js';
import { type CrossValidation, crossValidate, type LabelledVectors } from './cross-validate.js';
import { type Labels, readLabels } from './read-labels.js';
import { trainHead } from './train-head.js';
import { writeModel } from './write-model.js';

export interface FinetuneOptions extends ModelFlags {
  readonly images: string;
  readonly labels: string;
  readonly out: string;
  readonly name?: string | undefined;
  readonly folds: number;
  readonly steps: number;
  readonly seed: number;
  readonly threads: number;
  readonly logLevel: string;
  readonly signal: AbortSignal;
}

export interface FinetuneResult extends CrossValidation {
  readonly out: string;
  readonly name: string;
  readonly version: string;
  readonly base: string;
  readonly glitches: number;
  /** How many glitches have each. */
  readonly labels: Readonly<Record<string, number>>;
  /** Rows of the table whose glitch has no picture here. */
  readonly labelsWithoutGlitch: number;
  readonly seed: number;
  readonly steps: number;
}

/** With fewer nothing can be learnt that another glitch of the same label would confirm. */
export const MIN_GLITCHES = 20;
export const MIN_PER_LABEL = 4;

/**
 * Fits a head on the network's vectors to a person's own labels, judges it on glitches
 * left out, fits it to all of them and writes the model.
 */
export async function finetune(options: FinetuneOptions): Promise<FinetuneResult> {
  const { signal, folds, steps, seed } = options;
  const labels = await readLabels(options.labels);
  const place = await modelPlaceOf(options);
  const model = await loadModel(place);
  const { labelled, withoutGlitch } = await embedLabelled(options, labels);
  const counts = requireEnough(labelled.labels, options);

  const progress = startProgress('train', (folds + 1) * steps);
  let done = 0;
  const onStep = (): void => progress.update(++done);
  const training = { steps, seed, signal, onStep };
  try {
    const validation = await crossValidate(labelled, { folds, ...training });
    const head = await trainHead(labelled.vectors, labelled.labels, training);
    const { description } = model;
    const base = `${description.name} ${description.version}`;
    const result = {
      base,
      glitches: labelled.vectors.length,
      labels: counts,
      labelsWithoutGlitch: withoutGlitch,
      seed,
      steps,
      ...validation,
    };
    const { name, version } = await writeModel(options.out, {
      base: description,
      network: new Uint8Array(model.bytes),
      baseHead: model.head,
      head,
      name: options.name ?? `${description.name}-finetuned`,
      trainedBy: `glitchwatch finetune of ${base} on ${result.glitches} labelled glitches, seed ${seed}`,
      report: result,
    });
    return { out: options.out, name, version, ...result };
  } finally {
    progress.stop();
  }
}

async function embedLabelled(
  options: FinetuneOptions,
  labels: Labels,
): Promise<{ readonly labelled: LabelledVectors; readonly withoutGlitch: number }> {
  const all = await pictureGlitches(options, options.signal);
  const labelOf = ({ trigger }: Glitch): string | undefined =>
    labels.get(trigger?.externalId ?? '') ?? labels.get(trigger?.glitchId ?? '');
  const glitches = all.filter((glitch) => labelOf(glitch) !== undefined);
  const embedder = await createEmbedder({
    ...(await modelPlaceOf(options)),
    threads: options.threads,
  });
  try {
    const vectors = await embedder.embed(glitches, options.signal);
    return {
      labelled: { vectors, labels: glitches.map((glitch) => labelOf(glitch) ?? '') },
      withoutGlitch: labels.size - glitches.length,
    };
  } finally {
    await embedder.close();
  }
}

/** How many glitches have each label. */
function requireEnough(
  labels: readonly string[],
  { images, labels: file }: FinetuneOptions,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const label of [...labels].sort()) counts[label] = (counts[label] ?? 0) + 1;
  const large = Object.values(counts).filter((count) => count >= MIN_PER_LABEL).length;
  if (labels.length >= MIN_GLITCHES && large >= 2) return counts;
  const found = Object.entries(counts).map(([label, count]) => `${label} ${count}`);
  throw new CliError(
    'too_few_labels',
    `${file}: expected at least ${MIN_GLITCHES} labelled glitches with pictures in ${images}, ` +
      `and two labels with ${MIN_PER_LABEL} of them or more; found ${labels.length}` +
      (found.length === 0 ? '' : ` (${found.join(', ')})`),
  );
}
