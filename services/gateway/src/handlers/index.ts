import type { GatewayServiceServer } from '@glitchwatch/proto';
import type { GatewayParts } from '../context.js';
import { explainGlitch } from './explain-glitch.js';
import { getAgreement } from './get-agreement.js';
import { getGlitch } from './get-glitch.js';
import { getMap } from './get-map.js';
import { labelGlitch } from './label-glitch.js';
import { listFamilies } from './list-families.js';
import { listFamilyEvents } from './list-family-events.js';
import { renameFamily } from './rename-family.js';
import { subscribeAlerts } from './subscribe-alerts.js';
import { subscribeAssignments } from './subscribe-assignments.js';

export function createHandlers(parts: GatewayParts): GatewayServiceServer {
  return {
    subscribeAssignments: subscribeAssignments(parts),
    subscribeAlerts: subscribeAlerts(parts),
    getGlitch: getGlitch(parts),
    listFamilies: listFamilies(parts),
    getMap: getMap(parts),
    renameFamily: renameFamily(parts),
    listFamilyEvents: listFamilyEvents(parts),
    getAgreement: getAgreement(parts),
    labelGlitch: labelGlitch(parts),
    explainGlitch: explainGlitch(parts),
  };
}
