import { existsSync } from 'node:fs';
import {
  type Readiness,
  type Registry,
  toHttpErrorBody,
  toHttpStatus,
} from '@glitchwatch/service-kit';
import type { FastifyError, FastifyInstance } from 'fastify';
import type { GatewayParts } from '../context.js';
import { GatewayError, httpStatusOf } from '../errors.js';
import { serveExplorer } from './explorer-files.js';
import { getAgreement } from './get-agreement.js';
import { getAlerts } from './get-alerts.js';
import { getEvents } from './get-events.js';
import { getExplanation } from './get-explanation.js';
import { getFamilies } from './get-families.js';
import { getGlitch } from './get-glitch.js';
import { getMap } from './get-map.js';
import { getStatus } from './get-status.js';
import { getWindowPng } from './get-window-png.js';
import { addOpsRoutes } from './ops-routes.js';
import { putFamilyName } from './put-family-name.js';
import { putLabel } from './put-label.js';
import { addSecurityHeaders } from './security-headers.js';

const routes = [
  getStatus,
  getFamilies,
  putFamilyName,
  getAlerts,
  getAgreement,
  getGlitch,
  putLabel,
  getWindowPng,
  getExplanation,
  getMap,
  getEvents,
] as const;

export interface HttpParts {
  readonly parts: GatewayParts;
  readonly registry: Registry;
  readonly readiness: () => Readiness;
}

export async function configureHttp(app: FastifyInstance, http: HttpParts): Promise<void> {
  const { parts } = http;
  addSecurityHeaders(app);
  addOpsRoutes(app, http);
  // A scope of its own: our error codes are mapped here, the rest by service-kit.
  await app.register(async (api) => {
    api.setErrorHandler((error: FastifyError, request, reply) => {
      if (error instanceof GatewayError) {
        parts.metrics.errors.inc({ code: error.code });
        const body = { code: error.code, message: error.message };
        return reply.status(httpStatusOf(error)).send(body);
      }
      const body = toHttpErrorBody(error);
      parts.metrics.errors.inc({ code: body.code });
      if (body.code === 'internal') {
        request.log.error({ err: error, url: request.url }, 'request failed');
      }
      return reply.status(toHttpStatus(body.code)).send(body);
    });
    api.addHook('onResponse', async (request, reply) => {
      parts.metrics.requestSeconds.observe(
        { route: request.routeOptions.url ?? 'none', status: String(reply.statusCode) },
        reply.elapsedTime / 1000,
      );
    });
    for (const route of routes) route(api, parts);
  });
  const { explorerDir } = parts.config;
  if (explorerDir === undefined) return;
  if (existsSync(explorerDir)) await serveExplorer(app, explorerDir);
  else parts.logger.warn({ explorerDir }, 'no built explorer there: only the API is served');
}
