import type { Family, ListFamiliesRequest, ListFamiliesResponse } from '@glitchwatch/proto';
import type { handleUnaryCall } from '@grpc/grpc-js';
import type { GatewayParts } from '../context.js';
import type { LiveFamily } from '../read-model/family-board.js';
import { unary } from './unary.js';

/** Families of the active model; member counts are live. */
export function listFamilies(
  parts: GatewayParts,
): handleUnaryCall<ListFamiliesRequest, ListFamiliesResponse> {
  return unary(parts, 'grpc.ListFamilies', async () => ({
    modelVersion: parts.model.families.model?.modelVersion ?? 0,
    families: parts.model.families.list(parts.clock.nowMs()).map(liveMessage),
    nUnassigned: BigInt(parts.model.families.nUnassigned),
    nGlitches: BigInt(parts.model.glitches.size),
  }));
}

function liveMessage(live: LiveFamily): Family {
  return {
    ...live.family,
    nMembers: BigInt(live.count),
    lastSeenMs: BigInt(live.lastSeenMs),
  };
}
