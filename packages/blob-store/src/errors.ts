export type BlobStoreErrorCode = 'not_found' | 'bad_key' | 'disk_full' | 'unavailable';

/** The one error of this package; callers branch on `code`. */
export class BlobStoreError extends Error {
  override readonly name = 'BlobStoreError';
  readonly code: BlobStoreErrorCode;

  constructor(code: BlobStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
