import type { ExplainGlitchRequest, ExplainGlitchResponse } from '@glitchwatch/proto';
import type { handleUnaryCall } from '@grpc/grpc-js';
import type { GatewayParts } from '../context.js';
import { unary } from './unary.js';

/** Which parts of a glitch's windows make it like its family. */
export function explainGlitch(
  parts: GatewayParts,
): handleUnaryCall<ExplainGlitchRequest, ExplainGlitchResponse> {
  return unary(parts, 'grpc.ExplainGlitch', ({ glitchId }) => parts.explainer.explain(glitchId));
}
