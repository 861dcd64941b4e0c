export type StateStoreErrorCode = 'closed' | 'bad_request' | 'disk_full' | 'unavailable';

/** The one error of this package; callers branch on `code`. */
export class StateStoreError extends Error {
  override readonly name = 'StateStoreError';
  readonly code: StateStoreErrorCode;

  constructor(code: StateStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
