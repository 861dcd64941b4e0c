import { statfs } from 'node:fs/promises';
import { CliError } from './errors.js';

/** Below this LMDB's memory-mapped lock files may end the process by SIGBUS when they are opened. */
const roomBytes = 2 ** 20;

/** @throws CliError `disk_full`, naming the folder; it must exist. */
export async function requireRoom(dir: string): Promise<void> {
  const { bavail, bsize } = await statfs(dir);
  const free = bavail * bsize;
  if (free >= roomBytes) return;
  throw new CliError(
    'disk_full',
    `data folder ${dir}: the disk is full: expected at least ${roomBytes} bytes free, found ${free}`,
  );
}
