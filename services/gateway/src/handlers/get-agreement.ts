import type { GetAgreementRequest, GetAgreementResponse } from '@glitchwatch/proto';
import type { handleUnaryCall } from '@grpc/grpc-js';
import { agreementNow } from '../agreement-now.js';
import type { GatewayParts } from '../context.js';
import { unary } from './unary.js';

/** How labels and families agree at this moment. */
export function getAgreement(
  parts: GatewayParts,
): handleUnaryCall<GetAgreementRequest, GetAgreementResponse> {
  return unary(parts, 'grpc.GetAgreement', async (request) => ({
    agreement: agreementNow(parts, request),
  }));
}
