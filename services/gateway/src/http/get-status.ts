import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../context.js';

/** GET /v1/status: the numbers of the explorer's header, and how far the first map is. */
export function getStatus(app: FastifyInstance, parts: GatewayParts): void {
  app.get('/v1/status', () => {
    const { model, clock, config } = parts;
    const active = model.families.model;
    const nowMs = clock.nowMs();
    return {
      caughtUp: parts.isCaughtUp(),
      serverTimeMs: nowMs,
      model:
        active === undefined
          ? null
          : {
              modelVersion: active.modelVersion,
              activatedAtMs: Number(active.activatedAtMs),
              nReference: Number(active.nReference),
              fitSec: active.fitSec,
            },
      minFitGlitches: config.minFitGlitches,
      nGlitches: model.glitches.size,
      nAssigned: model.glitches.nAssigned,
      nWaiting: model.glitches.nWaiting,
      nUnassigned: model.families.nUnassigned,
      nFamilies: model.families.nFamilies,
      nOpenAlerts: model.alerts.nOpen,
      glitchesPerMinute: model.glitchesPerMinute(nowMs),
      lastGlitchAtMs: model.lastTriggerMs || null,
      lastAssignmentAtMs: model.lastAssignmentMs || null,
    };
  });
}
