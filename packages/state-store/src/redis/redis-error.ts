import { ErrorReply } from 'redis';
import { StateStoreError } from '../errors.js';

/** The server has no room for what is written: memory, or the disk of its append-only file. */
const noRoom = /^(OOM|MISCONF)\b/;
/** The server answers, but lets us in nowhere: trying again cannot help. */
const refused = /^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH|ERR Client sent AUTH|ERR DB index)/;

/** What a call failed with, as the one error of this package. */
export function toStateStoreError(error: unknown, address: string): StateStoreError {
  if (error instanceof StateStoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof ErrorReply && noRoom.test(message) ? 'disk_full' : 'unavailable';
  return new StateStoreError(code, `Redis at ${address}: ${message}`, { cause: error });
}

/** Wrong user, password, rights or database. */
export function isRefusal(error: unknown): error is ErrorReply {
  return error instanceof ErrorReply && refused.test(error.message);
}
