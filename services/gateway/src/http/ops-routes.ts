import type { Readiness, Registry } from '@glitchwatch/service-kit';
import type { FastifyInstance } from 'fastify';

/** The operators' three addresses, also on the gateway's own port. */
export function addOpsRoutes(
  app: FastifyInstance,
  ops: { readonly registry: Registry; readonly readiness: () => Readiness },
): void {
  app.get('/healthz', () => ({ status: 'live' }));
  app.get('/readyz', (_request, reply) => {
    const state = ops.readiness();
    return reply.status(state.ready ? 200 : 503).send(state);
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type(ops.registry.contentType).send(await ops.registry.metrics()),
  );
}
