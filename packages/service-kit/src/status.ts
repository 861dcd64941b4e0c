import { status } from '@grpc/grpc-js';
import { ServiceError, type ServiceErrorCode } from './errors.js';

/**
 * The one place where error codes become gRPC and HTTP statuses. `satisfies`
 * makes a new code without a row a compile error.
 */
const statuses = {
  bad_config: { grpc: status.INTERNAL, http: 500 },
  port_in_use: { grpc: status.INTERNAL, http: 500 },
  invalid_argument: { grpc: status.INVALID_ARGUMENT, http: 400 },
  not_found: { grpc: status.NOT_FOUND, http: 404 },
  method_not_allowed: { grpc: status.UNIMPLEMENTED, http: 405 },
  conflict: { grpc: status.ALREADY_EXISTS, http: 409 },
  too_large: { grpc: status.RESOURCE_EXHAUSTED, http: 413 },
  unsupported_media_type: { grpc: status.INVALID_ARGUMENT, http: 415 },
  rate_limited: { grpc: status.RESOURCE_EXHAUSTED, http: 429 },
  unauthorized: { grpc: status.UNAUTHENTICATED, http: 401 },
  forbidden: { grpc: status.PERMISSION_DENIED, http: 403 },
  precondition_failed: { grpc: status.FAILED_PRECONDITION, http: 412 },
  timeout: { grpc: status.DEADLINE_EXCEEDED, http: 504 },
  cancelled: { grpc: status.CANCELLED, http: 499 },
  unavailable: { grpc: status.UNAVAILABLE, http: 503 },
  unimplemented: { grpc: status.UNIMPLEMENTED, http: 501 },
  internal: { grpc: status.INTERNAL, http: 500 },
} as const satisfies Record<ServiceErrorCode, { grpc: status; http: number }>;

export function toGrpcStatus(code: ServiceErrorCode): status {
  return statuses[code].grpc;
}

export function toHttpStatus(code: ServiceErrorCode): number {
  return statuses[code].http;
}

/** What a gRPC handler gives its callback. Inner causes stay here: the caller logs them. */
export interface GrpcFailure {
  readonly code: status;
  readonly details: string;
}

/** Anything that is not a ServiceError is our bug: INTERNAL, without its text. */
export function toGrpcFailure(error: unknown): GrpcFailure {
  return error instanceof ServiceError
    ? { code: toGrpcStatus(error.code), details: error.message }
    : { code: status.INTERNAL, details: 'Internal error.' };
}
