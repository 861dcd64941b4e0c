import { createEmbedder, explainGlitch } from '@glitchwatch/embedder';
import type { Glitch } from '@glitchwatch/proto';
import { CliError } from '../errors.js';
import { type ModelFlags, modelPlaceOf } from '../model-location.js';
import { pictureGlitches } from '../run/picture-glitches.js';
import type { ExplainedGlitch } from './explained-glitch.js';

export interface ExplainPicturesOptions extends ModelFlags {
  readonly images: string;
  readonly metadata?: string | undefined;
  /** How many of its nearest glitches it is held against. */
  readonly neighbours: number;
  readonly threads: number;
  readonly logLevel: string;
}

/** Holds a glitch of a folder against those of the folder that are nearest to it. */
export async function explainFromPictures(
  options: ExplainPicturesOptions,
  name: string,
  signal: AbortSignal,
): Promise<ExplainedGlitch> {
  const glitches = await pictureGlitches(options, signal);
  const wanted = glitches.findIndex(
    ({ trigger }) => trigger?.externalId === name || trigger?.glitchId === name,
  );
  const glitch = glitches[wanted];
  if (glitch === undefined) {
    throw new CliError(
      'nothing_to_do',
      `${options.images}: expected a glitch ${name} (Gravity Spy id or glitch id) among ${glitches.length}, found none`,
    );
  }
  const embedder = await createEmbedder({
    ...(await modelPlaceOf(options)),
    threads: options.threads,
  });
  try {
    const results = await embedder.embedEach(glitches, signal);
    const vectors = results.map((result) =>
      result.kind === 'embedding' ? result.vector : undefined,
    );
    const references = nearest(wanted, vectors, options.neighbours).map((i) => glitches[i]!);
    if (references.length === 0) {
      throw new CliError('nothing_to_do', `${options.images}: expected another glitch, found none`);
    }
    const explanation = await explainGlitch(embedder, { glitch, references }, signal);
    return {
      glitch,
      explanation,
      references: references.map(idOf),
      heldAgainst: `its ${references.length} nearest glitches`,
    };
  } finally {
    await embedder.close();
  }
}

function idOf({ trigger }: Glitch): string {
  return trigger?.externalId || trigger?.glitchId || '';
}

/** Indices of the most similar others, nearest first. */
function nearest(
  index: number,
  vectors: readonly (Float32Array | undefined)[],
  count: number,
): number[] {
  const query = vectors[index];
  if (query === undefined) return [];
  return vectors
    .map((vector, i) => ({ i, similarity: vector?.reduce((sum, v, d) => sum + v * query[d]!, 0) }))
    .filter(({ i, similarity }) => i !== index && similarity !== undefined)
    .sort((a, b) => (b.similarity ?? 0) - (a.similarity ?? 0))
    .slice(0, count)
    .map(({ i }) => i);
}
