import type { Registry } from 'prom-client';
import { runServices, type Service } from './lifecycle.js';
import type { Logger } from './logger.js';
import { startOpsServer } from './ops-server.js';

export interface ServeOptions {
  readonly registry: Registry;
  readonly logger: Logger;
  /** GLITCHWATCH_HOST and GLITCHWATCH_OPS_PORT say where operators find it; default 127.0.0.1:9464. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * A process of services: answers operators from before the first has started until
 * after the last has stopped. Resolves with the exit code, see `runServices`.
 *
 * @throws ServiceError where the port for operators cannot be listened on.
 */
export async function serve(services: readonly Service[], options: ServeOptions): Promise<number> {
  const { registry, logger, environment } = options;
  const host = environment.GLITCHWATCH_HOST ?? '127.0.0.1';
  const port = Number(environment.GLITCHWATCH_OPS_PORT ?? 9464);
  const ops = await startOpsServer({ host, port, registry, services, logger });
  try {
    return await runServices(services, { logger });
  } finally {
    await ops.close();
  }
}
