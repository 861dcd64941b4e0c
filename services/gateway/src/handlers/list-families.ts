import type { Family, ListFamiliesRequest, ListFamiliesResponse } from '@glitchwatch/proto';
import type { handleUnaryCall } from '@grpc/grpc-js';
import type { GatewayParts } from '../context.js';
import type { LiveFamily } from '../read-model/family-board.js';
import { unary } from './unary.js';

/** Families of the active model; member counts, in all and by detector, are live. */
export function listFamilies(
  parts: GatewayParts,
): handleUnaryCall<ListFamiliesRequest, ListFamiliesResponse> {
  return unary(parts, 'grpc.ListFamilies', async () => {
    const now = parts.families.now();
    return {
      modelVersion: now.modelVersion,
      families: now.families.map(liveMessage),
      nUnassigned: BigInt(now.nUnassigned),
      nGlitches: BigInt(now.nGlitches),
      stale: now.isStale,
      asOfMs: now.asOfMs === undefined ? undefined : BigInt(now.asOfMs),
    };
  });
}

export function liveMessage(live: LiveFamily): Family {
  return {
    ...live.family,
    nMembers: BigInt(live.count),
    membersByIfo: Object.fromEntries([...live.membersByIfo].map(([ifo, n]) => [ifo, BigInt(n)])),
    lastSeenMs: BigInt(live.lastSeenMs),
  };
}
