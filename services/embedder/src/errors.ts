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
  | 'closed';

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

/** The message of whatever was thrown. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
