import type { ListFamilyEventsRequest, ListFamilyEventsResponse } from '@glitchwatch/proto';
import type { handleUnaryCall } from '@grpc/grpc-js';
import type { GatewayParts } from '../context.js';
import { unary } from './unary.js';

/** What became of the families, or of one of them, oldest first. */
export function listFamilyEvents(
  parts: GatewayParts,
): handleUnaryCall<ListFamilyEventsRequest, ListFamilyEventsResponse> {
  return unary(parts, 'grpc.ListFamilyEvents', async ({ familyId }) => ({
    events: [...parts.model.families.events(familyId)],
  }));
}
