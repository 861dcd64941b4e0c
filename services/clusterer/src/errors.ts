/** Every way in which the clusterer can refuse; callers branch on these and never on text. */
export const clustererErrorCodes = [
  'bad_embedding',
  'bad_message',
  'bad_assignment',
  'wrong_dimension',
  'wrong_embedder',
  'too_few_glitches',
  'bad_fit_input',
  'fit_failed',
  'fit_running',
  'fit_cancelled',
  'lease_taken',
  'lease_lost',
  'superseded',
  'bad_snapshot',
  'snapshot_lost',
  'snapshot_mismatch',
  'assigners_away',
  'not_started',
  'wrong_role',
  'drift_failed',
] as const;

export type ClustererErrorCode = (typeof clustererErrorCodes)[number];

export class ClustererError extends Error {
  override readonly name = 'ClustererError';

  constructor(
    readonly code: ClustererErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What was thrown, as an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
