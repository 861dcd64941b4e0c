import type { ExplainGlitchResponse } from '@glitchwatch/proto';
import { type Clock, createTokenBucket } from '@glitchwatch/service-kit';
import { GatewayError } from '../errors.js';
import type { GatewayMetrics } from '../metrics.js';
import type { GlitchReader } from '../pictures/glitch-reader.js';
import { Turnstile } from '../pictures/turnstile.js';
import type { ReadModel } from '../read-model/read-model.js';
import type { EmbedderLink } from './embedder-link.js';
import { referencesOf } from './references.js';

export interface ExplainerOptions {
  readonly reader: GlitchReader;
  readonly model: ReadModel;
  readonly link: EmbedderLink;
  readonly clock: Clock;
  readonly perSec: number;
  readonly burst: number;
  /** Explanations held; about 2 kB each. */
  readonly maxHeld: number;
  readonly metrics: () => Pick<GatewayMetrics, 'explanations'>;
}

/**
 * Explains glitches by asking the embedder. An explanation holds for one model, so it is
 * kept under both; equal questions at the same time share one answer, and what has to be
 * worked out is limited in rate and done one at a time.
 */
export interface Explainer {
  /**
   * @throws GatewayError `unknown_glitch`, `picture_expired`, `not_explainable`,
   *   `rate_limited`, `explain_unavailable` or `embedder_away`.
   */
  explain(glitchId: string): Promise<ExplainGlitchResponse>;
}

export function createExplainer(options: ExplainerOptions): Explainer {
  const { reader, model, link, perSec, burst, clock } = options;
  const held = new Map<string, ExplainGlitchResponse>();
  const inFlight = new Map<string, Promise<ExplainGlitchResponse>>();
  const bucket = createTokenBucket({ perSecond: perSec, burst, clock });
  const turnstile = new Turnstile(1);

  async function ask(glitchId: string): Promise<ExplainGlitchResponse> {
    const [glitch, assignment] = await Promise.all([
      reader.glitch(glitchId),
      reader.assignment(glitchId),
    ]);
    if (assignment === undefined) {
      throw new GatewayError('not_explainable', `glitch ${glitchId} has no assignment yet`);
    }
    const references = await referencesOf(assignment, model.families.model, reader);
    const explanation = await link.explain({ glitch, references: [...references] });
    return {
      glitchId,
      modelVersion: assignment.modelVersion,
      familyId: assignment.familyId,
      referenceGlitchIds: references.map(({ trigger }) => trigger?.glitchId ?? ''),
      explanation,
    };
  }

  function keep(answer: ExplainGlitchResponse): void {
    held.set(`${answer.glitchId}/${answer.modelVersion}`, answer);
    const oldest = held.keys().next().value;
    if (held.size > options.maxHeld && oldest !== undefined) held.delete(oldest);
  }

  function begin(key: string, glitchId: string): Promise<ExplainGlitchResponse> {
    const waitMs = inFlight.size >= burst ? 1000 : bucket.take(1);
    if (waitMs > 0) {
      options.metrics().explanations.inc({ outcome: 'refused' });
      throw new GatewayError(
        'rate_limited',
        `At most ${perSec} glitches a second are explained and ${burst} may wait: ` +
          `try again in ${waitMs} ms`,
      );
    }
    options.metrics().explanations.inc({ outcome: 'asked' });
    const answer = turnstile.run(() => ask(glitchId)).finally(() => inFlight.delete(key));
    inFlight.set(key, answer);
    return answer;
  }

  return {
    async explain(glitchId) {
      const key = `${glitchId}/${model.families.model?.modelVersion ?? 0}`;
      const known = held.get(key);
      if (known !== undefined) {
        options.metrics().explanations.inc({ outcome: 'cached' });
        return known;
      }
      const answer = await (inFlight.get(key) ?? begin(key, glitchId));
      keep(answer);
      return answer;
    },
  };
}
