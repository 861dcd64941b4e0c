import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../context.js';
import { GatewayError } from '../errors.js';
import { giveFamilyName } from '../names/give-family-name.js';
import { familyView } from './views.js';

interface Route {
  readonly Params: { readonly id: string };
  readonly Body: unknown;
}

/**
 * PUT /v1/families/:id/name {"name": "…"}: gives the family a name, an empty one brings
 * the default back. JSON only, so no other site's page can send it unasked.
 */
export function putFamilyName(app: FastifyInstance, parts: GatewayParts): void {
  app.put<Route>('/v1/families/:id/name', async ({ params, body }) => {
    const familyId = Number(params.id);
    if (!Number.isInteger(familyId))
      throw new GatewayError('invalid_argument', `family: expected a number, found ${params.id}`);
    return familyView(await giveFamilyName(parts, familyId, nameIn(body)));
  });
}

function nameIn(body: unknown): string {
  const name = typeof body === 'object' && body !== null && 'name' in body ? body.name : undefined;
  if (typeof name === 'string') return name;
  throw new GatewayError(
    'invalid_argument',
    'body: expected {"name": "text"}, found something else',
  );
}
