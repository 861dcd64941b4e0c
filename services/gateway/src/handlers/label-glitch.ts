import type { LabelGlitchRequest, LabelGlitchResponse } from '@glitchwatch/proto';
import type { handleUnaryCall } from '@grpc/grpc-js';
import type { GatewayParts } from '../context.js';
import { unary } from './unary.js';

/** A person's label of a glitch: set, corrected or, where empty, taken back. */
export function labelGlitch(
  parts: GatewayParts,
): handleUnaryCall<LabelGlitchRequest, LabelGlitchResponse> {
  return unary(parts, 'grpc.LabelGlitch', async ({ glitchId, label, by }) => ({
    glitchId,
    label: await parts.labelling.give({ glitchId, label, by }),
  }));
}
