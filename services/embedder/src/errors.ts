/**
 * Every way in which embedding fails. Callers branch on `code`, never on text.
 *
 * - About the model: `model_not_found`, `bad_model_file` (model.json),
 *   `checksum_mismatch`, `model_mismatch` (the network's tensors are not those
 *   that model.json promises).
 * - About one glitch, which goes to the dead-letter topic: `bad_glitch` (its
 *   message or grids), `bad_embedding` (NaN, infinite or zero vector),
 *   `worker_killed` (it ended the inference worker each time it was tried).
 * - About the machinery, where the work is kept and tried again: `worker_died`
 *   (no worker could be started), `closed`.
 * - About the golden glitches, without harm to others: `bad_golden_set` (their file),
 *   `golden_failed` (they could not be embedded or compared).
 */
export type EmbedderErrorCode =
  | 'model_not_found'
  | 'bad_model_file'
  | 'checksum_mismatch'
  | 'model_mismatch'
  | 'bad_glitch'
  | 'bad_embedding'
  | 'worker_killed'
  | 'worker_died'
  | 'closed'
  | 'bad_golden_set'
  | 'golden_failed';

export interface EmbedderErrorOptions {
  readonly cause?: unknown;
  /** The glitch that it is about, where there is one. */
  readonly glitchId?: string | undefined;
}

export class EmbedderError extends Error {
  override readonly name = 'EmbedderError';
  readonly code: EmbedderErrorCode;
  readonly glitchId: string | undefined;

  constructor(code: EmbedderErrorCode, message: string, options: EmbedderErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.glitchId = options.glitchId;
  }
}

/** As one of ours: whatever kept the golden glitches from being checked. */
export function asEmbedderError(thrown: unknown): EmbedderError {
  if (thrown instanceof EmbedderError) return thrown;
  const message = `golden glitches: expected to embed and compare them, found ${reasonOf(thrown)}`;
  return new EmbedderError('golden_failed', message, { cause: thrown });
}

/** The message of whatever was thrown. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
