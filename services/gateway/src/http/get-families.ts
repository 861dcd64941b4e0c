import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../context.js';
import { familyView } from './views.js';

/** GET /v1/families: families of the active model with live counts, largest first. */
export function getFamilies(app: FastifyInstance, parts: GatewayParts): void {
  app.get('/v1/families', () => ({
    modelVersion: parts.model.families.model?.modelVersion ?? null,
    nUnassigned: parts.model.families.nUnassigned,
    families: parts.model.families.list(parts.clock.nowMs()).map(familyView),
  }));
}
