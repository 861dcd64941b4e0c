import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../context.js';
import { alertView } from './views.js';

/** GET /v1/alerts: newest revision of every novelty alert, open ones first. */
export function getAlerts(app: FastifyInstance, parts: GatewayParts): void {
  app.get('/v1/alerts', () => ({ alerts: parts.model.alerts.list().map(alertView) }));
}
