/** Every way in which a service can refuse; callers branch on these and never on text. */
export const serviceErrorCodes = [
  'bad_config',
  'port_in_use',
  'invalid_argument',
  'not_found',
  'method_not_allowed',
  'conflict',
  'too_large',
  'unsupported_media_type',
  'rate_limited',
  'unauthorized',
  'forbidden',
  'precondition_failed',
  'timeout',
  'cancelled',
  'unavailable',
  'unimplemented',
  'internal',
] as const;

export type ServiceErrorCode = (typeof serviceErrorCodes)[number];

/** A refusal with a stable code, a sentence for people and the cause for the log. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';

  constructor(
    readonly code: ServiceErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
