import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../context.js';
import { glitchView } from './views.js';

/** GET /v1/glitches/:id: trigger, windows, current assignment with its neighbours. */
export function getGlitch(app: FastifyInstance, parts: GatewayParts): void {
  app.get<{ Params: { id: string } }>('/v1/glitches/:id', async ({ params }) => {
    const [glitch, assignment] = await Promise.all([
      parts.reader.glitch(params.id),
      parts.reader.assignment(params.id),
    ]);
    return glitchView(glitch, assignment, parts.model.personLabels.of(params.id));
  });
}
