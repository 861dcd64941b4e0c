import { BlobStoreError } from './errors.js';

const MAX_KEY_BYTES = 512;
const partPattern = /^[A-Za-z0-9._-]{1,200}$/;

/** Throws `bad_key` unless every part between "/" is [A-Za-z0-9._-]+ and not "." or "..". */
export function checkKey(key: string): void {
  const good =
    key.length <= MAX_KEY_BYTES &&
    key.split('/').every((part) => partPattern.test(part) && part !== '.' && part !== '..');
  if (good) return;
  throw new BlobStoreError(
    'bad_key',
    `blob key: expected parts of [A-Za-z0-9._-] joined by "/", at most ${MAX_KEY_BYTES} bytes, found "${key.slice(0, 200)}"`,
  );
}
