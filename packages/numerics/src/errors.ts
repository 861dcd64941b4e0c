/** Why a numeric call was refused. Callers branch on this, never on the text. */
export type NumericsErrorCode =
  /** Sizes of two arguments do not fit one another, or an array is too short. */
  | 'bad_shape'
  /** An option is outside the range its documentation gives. */
  | 'bad_option'
  /** A NaN or infinite value where a finite number is needed. */
  | 'not_finite'
  /** More than the 4 GiB of memory that a parallel fit can have. */
  | 'too_large'
  /** Serialized bytes that this version did not write. */
  | 'bad_bytes';

/** Numeric code does no I/O, so it fails only on bad arguments; this is how. */
export class NumericsError extends Error {
  readonly code: NumericsErrorCode;

  constructor(code: NumericsErrorCode, message: string) {
    super(message);
    this.name = 'NumericsError';
    this.code = code;
  }
}
