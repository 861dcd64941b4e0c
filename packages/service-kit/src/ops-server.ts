import type { Registry } from 'prom-client';
import { type HttpServer, startHttpServer } from './http-server.js';
import type { Readiness, Service } from './lifecycle.js';
import { createLogger, type Logger } from './logger.js';
import { gauge } from './metrics.js';

export interface OpsServerOptions {
  readonly host: string;
  readonly port: number;
  readonly registry: Registry;
  readonly services: readonly Pick<Service, 'name' | 'readiness'>[];
  /** Default: one that writes warnings and errors only. */
  readonly logger?: Logger | undefined;
}

/**
 * For operators: `/healthz` (the process lives), `/readyz` (200 when every service
 * is ready, else 503; per-service detail either way), `/metrics` (Prometheus text;
 * readiness is there too, as `glitchwatch_service_ready{service}`, for alerts).
 */
export function startOpsServer(options: OpsServerOptions): Promise<HttpServer> {
  const { host, port, registry, services } = options;
  const logger = options.logger ?? createLogger({ name: 'ops', level: 'warn' });
  addReadyGauge(registry, services);
  return startHttpServer({
    host,
    port,
    logger,
    configure(app) {
      app.get('/healthz', () => ({ status: 'live' }));
      app.get('/readyz', (_request, reply) => {
        const states = services.map((service) => ({ name: service.name, ...readinessOf(service) }));
        const ready = states.every((state) => state.ready);
        return reply.status(ready ? 200 : 503).send({ ready, services: states });
      });
      app.get('/metrics', async (_request, reply) => {
        const text = await registry.metrics();
        return reply.type(registry.contentType).send(text);
      });
    },
  });
}

/** Asked when somebody reads it, so that it cannot disagree with /readyz. */
function addReadyGauge(registry: Registry, services: OpsServerOptions['services']): void {
  const ready = gauge(registry, {
    name: 'glitchwatch_service_ready',
    help: '1 while the service is ready, else 0',
    labelNames: ['service'],
  });
  const collect = (): void => {
    for (const service of services) {
      ready.set({ service: service.name }, readinessOf(service).ready ? 1 : 0);
    }
  };
  Object.assign(ready, { collect });
}

/** A service whose own check throws is not ready, and the answer says why. */
function readinessOf(service: Pick<Service, 'readiness'>): Readiness {
  try {
    return service.readiness();
  } catch (error) {
    return { ready: false, detail: error instanceof Error ? error.message : String(error) };
  }
}
