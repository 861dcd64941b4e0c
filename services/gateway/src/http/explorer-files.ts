import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** The built explorer. Files under assets/ carry their hash in the name and never change. */
export async function serveExplorer(app: FastifyInstance, explorerDir: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: explorerDir,
    prefix: '/',
    cacheControl: false,
    setHeaders(reply, path) {
      const forever = path.includes('/assets/');
      reply.header('cache-control', forever ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}
