import { statfsSync } from 'node:fs';
import { EventLogError } from '../errors.js';

/** ENOSPC, EDQUOT, EFBIG, MDB_MAP_FULL as lmdb numbers them. */
const fullCodes: readonly unknown[] = [28, 122, 27, -30792];
const EIO = 5;
/** Below this, an input/output error is taken for a full disk: a write cut short reads as EIO. */
const NEARLY_FULL_BYTES = 4 * 2 ** 20;

/** Turns what the store throws into the log's own error. */
export function storeError(error: unknown, dir: string): EventLogError {
  if (error instanceof EventLogError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (fullCodes.includes(code) || (code === EIO && isNearlyFull(dir))) {
    return new EventLogError('disk_full', `event log at ${dir}: no space left on the disk`, {
      cause: error,
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new EventLogError('unavailable', `event log at ${dir}: ${message}`, { cause: error });
}

function isNearlyFull(dir: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dir);
    return bavail * bsize < NEARLY_FULL_BYTES;
  } catch {
    // The folder cannot even be looked at: not a matter of space.
    return false;
  }
}
