import type { GetGlitchRequest, GetGlitchResponse, PersonLabel } from '@glitchwatch/proto';
import type { handleUnaryCall } from '@grpc/grpc-js';
import type { GatewayParts } from '../context.js';
import { unary } from './unary.js';

function personLabelOf(parts: GatewayParts, glitchId: string): PersonLabel | undefined {
  const given = parts.model.personLabels.of(glitchId);
  return given && { ...given, givenAtMs: BigInt(given.givenAtMs) };
}

/** A glitch with its pictures, and its current assignment. */
export function getGlitch(
  parts: GatewayParts,
): handleUnaryCall<GetGlitchRequest, GetGlitchResponse> {
  return unary(parts, 'grpc.GetGlitch', async ({ glitchId }) => {
    const [glitch, assignment] = await Promise.all([
      parts.reader.glitch(glitchId),
      parts.reader.assignment(glitchId),
    ]);
    return { glitch, assignment, personLabel: personLabelOf(parts, glitchId) };
  });
}
