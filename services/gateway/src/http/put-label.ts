import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { GatewayParts } from '../context.js';
import { GatewayError } from '../errors.js';

const bodySchema = z.strictObject({ label: z.string(), by: z.string().default('') });

/**
 * PUT /v1/glitches/:id/label with {label, by}: a person's label; empty takes it back.
 * JSON only, so that no form of another site can send it.
 */
export function putLabel(app: FastifyInstance, parts: GatewayParts): void {
  app.put<{ Params: { id: string } }>('/v1/glitches/:id/label', async ({ params, body }) => {
    const parsed = bodySchema.safeParse(body);
    if (!parsed.success) {
      throw new GatewayError('invalid_argument', `body: ${z.prettifyError(parsed.error)}`);
    }
    const label = await parts.labelling.give({ glitchId: params.id, ...parsed.data });
    return { glitchId: params.id, label };
  });
}
