import { topics } from '@glitchwatch/proto';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../context.js';
import { encodeCursor } from '../stream/cursor.js';
import { encodeMap } from './map-codec.js';

interface Route {
  readonly Querystring: { readonly format?: string };
}

/** Topics of /v1/events; their order is the cursor's. */
export const eventTopics = [topics.assignments, topics.models, topics.alerts] as const;

/** GET /v1/map: every assigned glitch in columns; ?format=binary for the compact form. */
export function getMap(app: FastifyInstance, parts: GatewayParts): void {
  app.get<Route>('/v1/map', (request, reply) => {
    // Taken in one synchronous step, so the cursor fits the points exactly.
    const columns = parts.model.glitches.snapshot();
    const header = {
      modelVersion: parts.model.families.model?.modelVersion ?? null,
      cursor: encodeCursor(parts.hub.positions(eventTopics)),
      n: columns.x.length,
    };
    reply.header('cache-control', 'no-store');
    if (request.query.format === 'binary') {
      return reply.type('application/octet-stream').send(encodeMap(columns, header));
    }
    return reply.send({
      ...header,
      glitchIds: columns.glitchIds,
      x: [...columns.x],
      y: [...columns.y],
      familyIds: [...columns.familyIds],
    });
  });
}
