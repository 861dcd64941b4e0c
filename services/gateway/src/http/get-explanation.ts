import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../context.js';
import { explanationView } from './views.js';

/** GET /v1/glitches/:id/explanation: the tiles that make it like its family. */
export function getExplanation(app: FastifyInstance, parts: GatewayParts): void {
  app.get<{ Params: { id: string } }>('/v1/glitches/:id/explanation', async ({ params }) =>
    explanationView(await parts.explainer.explain(params.id)),
  );
}
