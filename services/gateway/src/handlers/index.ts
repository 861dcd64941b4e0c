import type { GatewayServiceServer } from '@glitchwatch/proto';
import type { GatewayParts } from '../context.js';
import { explainGlitch } from './explain-glitch.js';
import { getGlitch } from './get-glitch.js';
import { getMap } from './get-map.js';
import { listFamilies } from './list-families.js';
import { subscribeAlerts } from './subscribe-alerts.js';
import { subscribeAssignments } from './subscribe-assignments.js';

export function createHandlers(parts: GatewayParts): GatewayServiceServer {
  return {
    subscribeAssignments: subscribeAssignments(parts),
    subscribeAlerts: subscribeAlerts(parts),
    getGlitch: getGlitch(parts),
    listFamilies: listFamilies(parts),
    getMap: getMap(parts),
    explainGlitch: explainGlitch(parts),
  };
}
