import type { RenameFamilyRequest, RenameFamilyResponse } from '@glitchwatch/proto';
import type { handleUnaryCall } from '@grpc/grpc-js';
import type { GatewayParts } from '../context.js';
import { giveFamilyName } from '../names/give-family-name.js';
import { liveMessage } from './list-families.js';
import { unary } from './unary.js';

/** Gives a family a name; answers when it is on the log. */
export function renameFamily(
  parts: GatewayParts,
): handleUnaryCall<RenameFamilyRequest, RenameFamilyResponse> {
  return unary(parts, 'grpc.RenameFamily', async ({ familyId, name }) => ({
    family: liveMessage(await giveFamilyName(parts, familyId, name)),
  }));
}
