import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../context.js';
import { familyView } from './views.js';

/** GET /v1/families: families of the active model with live counts, largest first. */
export function getFamilies(app: FastifyInstance, parts: GatewayParts): void {
  app.get('/v1/families', () => {
    const now = parts.families.now();
    return {
      modelVersion: now.modelVersion || null,
      nUnassigned: now.nUnassigned,
      families: now.families.map(familyView),
      stale: now.isStale,
      asOfMs: now.asOfMs ?? null,
    };
  });
}
