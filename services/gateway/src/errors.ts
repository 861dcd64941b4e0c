import { type GrpcFailure, toGrpcFailure } from '@glitchwatch/service-kit';
import { status as GrpcStatus } from '@grpc/grpc-js';

export type GatewayErrorCode =
  | 'invalid_cursor'
  | 'invalid_argument'
  | 'unknown_glitch'
  | 'unknown_family'
  | 'unknown_window'
  | 'picture_expired'
  /** Of no family and without neighbours, or not assigned yet. */
  | 'not_explainable'
  /** No embedder is configured. */
  | 'explain_unavailable'
  | 'embedder_away'
  | 'rate_limited'
  | 'too_many_subscribers'
  | 'slow_subscriber'
  /** The same subscriber name has connected again, here or at another replica. */
  | 'superseded'
  | 'bad_message'
  | 'starting'
  | 'unknown_topic_layout'
  /** The log did not take it; nothing has changed. */
  | 'log_unavailable'
  | 'too_many_labels';

/** What the gateway itself can fail with; `code` is stable, the sentence is for people. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  constructor(
    readonly code: GatewayErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

interface EdgeStatus {
  readonly http: number;
  readonly grpc: GrpcStatus;
}

const edgeStatus: Readonly<Record<GatewayErrorCode, EdgeStatus>> = {
  invalid_cursor: { http: 400, grpc: GrpcStatus.INVALID_ARGUMENT },
  invalid_argument: { http: 400, grpc: GrpcStatus.INVALID_ARGUMENT },
  unknown_glitch: { http: 404, grpc: GrpcStatus.NOT_FOUND },
  unknown_family: { http: 404, grpc: GrpcStatus.NOT_FOUND },
  unknown_window: { http: 404, grpc: GrpcStatus.NOT_FOUND },
  picture_expired: { http: 410, grpc: GrpcStatus.NOT_FOUND },
  not_explainable: { http: 409, grpc: GrpcStatus.FAILED_PRECONDITION },
  explain_unavailable: { http: 501, grpc: GrpcStatus.UNIMPLEMENTED },
  embedder_away: { http: 503, grpc: GrpcStatus.UNAVAILABLE },
  rate_limited: { http: 429, grpc: GrpcStatus.RESOURCE_EXHAUSTED },
  too_many_subscribers: { http: 503, grpc: GrpcStatus.RESOURCE_EXHAUSTED },
  slow_subscriber: { http: 503, grpc: GrpcStatus.RESOURCE_EXHAUSTED },
  superseded: { http: 409, grpc: GrpcStatus.ABORTED },
  bad_message: { http: 500, grpc: GrpcStatus.DATA_LOSS },
  starting: { http: 503, grpc: GrpcStatus.UNAVAILABLE },
  unknown_topic_layout: { http: 500, grpc: GrpcStatus.INTERNAL },
  log_unavailable: { http: 503, grpc: GrpcStatus.UNAVAILABLE },
  too_many_labels: { http: 409, grpc: GrpcStatus.RESOURCE_EXHAUSTED },
};

/** HTTP status of one of our own codes; everything else is translated by service-kit. */
export function httpStatusOf(error: GatewayError): number {
  return edgeStatus[error.code].http;
}

/** The one place where an error becomes a gRPC status. Causes stay inside. */
export function toGrpcError(error: unknown): GrpcFailure {
  if (error instanceof GatewayError) {
    return { code: edgeStatus[error.code].grpc, details: error.message };
  }
  return toGrpcFailure(error);
}
