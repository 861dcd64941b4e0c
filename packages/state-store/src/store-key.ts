import { createHash } from 'node:crypto';
import { StateStoreError } from './errors.js';

/** LMDB takes keys of up to 1978 bytes; longer names go in as their SHA-256, in every adapter alike. */
const MAX_NAME_BYTES = 700;

export function shortName(name: string): string {
  if (Buffer.byteLength(name) <= MAX_NAME_BYTES) return name;
  return `sha256:${createHash('sha256').update(name).digest('hex')}`;
}

/** For names that are listed again, which a hash could not be. */
export function checkedName(kind: string, name: string): string {
  const bytes = Buffer.byteLength(name);
  if (bytes >= 1 && bytes <= MAX_NAME_BYTES && !name.includes('\0')) return name;
  throw new StateStoreError(
    'bad_request',
    `${kind}: expected 1 to ${MAX_NAME_BYTES} bytes without NUL, found ${bytes} bytes "${name.slice(0, 80)}"`,
  );
}
