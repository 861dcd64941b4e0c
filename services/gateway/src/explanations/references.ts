import type { Assignment, Glitch, ModelActivated } from '@glitchwatch/proto';
import { GatewayError } from '../errors.js';
import type { GlitchReader } from '../pictures/glitch-reader.js';
import { UNASSIGNED } from '../read-model/family-board.js';

/** Of more, the mean hardly moves. */
const MAX_REFERENCES = 5;

/**
 * What a glitch is held against: exemplars of its family, or its nearest glitches where
 * it has no family or the family no exemplar but itself.
 *
 * @throws GatewayError `not_explainable`: it has neither.
 */
export async function referencesOf(
  { glitchId, familyId, neighbours }: Assignment,
  model: ModelActivated | undefined,
  reader: Pick<GlitchReader, 'glitch'>,
): Promise<readonly Glitch[]> {
  const family = model?.families.find((candidate) => candidate.familyId === familyId);
  const near = neighbours
    .filter((neighbour) => familyId === UNASSIGNED || neighbour.familyId === familyId)
    .map((neighbour) => neighbour.glitchId);
  const ids = new Set([...(family?.exemplarGlitchIds ?? []), ...near]);
  ids.delete(glitchId);
  const glitches: Glitch[] = [];
  for (const id of ids) {
    if (glitches.length === MAX_REFERENCES) break;
    const glitch = await readable(id, reader);
    if (glitch !== undefined) glitches.push(glitch);
  }
  if (glitches.length > 0) return glitches;
  throw new GatewayError(
    'not_explainable',
    `glitch ${glitchId} has neither exemplars of a family nor neighbours to be held against`,
  );
}

/** Undefined where the log has it no more: another one does as well. */
async function readable(
  glitchId: string,
  reader: Pick<GlitchReader, 'glitch'>,
): Promise<Glitch | undefined> {
  try {
    return await reader.glitch(glitchId);
  } catch (error) {
    const isGone =
      error instanceof GatewayError &&
      (error.code === 'unknown_glitch' || error.code === 'picture_expired');
    if (isGone) return undefined;
    throw error;
  }
}
