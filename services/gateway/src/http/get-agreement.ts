import type { FastifyInstance } from 'fastify';
import { agreementNow } from '../agreement-now.js';
import type { GatewayParts } from '../context.js';
import { agreementView } from './agreement-view.js';

interface Route {
  readonly Querystring: {
    readonly disagreements?: string;
    readonly family?: string;
    readonly ambiguous?: string;
  };
}

/**
 * GET /v1/agreement?disagreements=50&family=7&ambiguous=10: labels against families;
 * `family` (comma-separated) asks for its least certain members too.
 */
export function getAgreement(app: FastifyInstance, parts: GatewayParts): void {
  app.get<Route>('/v1/agreement', ({ query }) =>
    agreementView(
      agreementNow(parts, {
        maxDisagreements: numberOf(query.disagreements),
        ambiguousInFamilyIds: query.family ? query.family.split(',').map(Number) : [],
        maxAmbiguous: numberOf(query.ambiguous),
      }),
    ),
  );
}

/** What is no number becomes NaN, which the bounds refuse. */
function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
