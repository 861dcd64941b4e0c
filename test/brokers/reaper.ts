import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./reaper.mjs', import.meta.url));

export interface Watched {
  readonly owner: number;
  readonly pid: number;
  /** Removed once the process is gone with its owner. */
  readonly remove: readonly string[];
  /** What the process leaves behind when it ends in peace, and where it belongs. */
  readonly keep?: { readonly from: string; readonly to: string } | undefined;
}

/** Ends a process when its owner has ended, also when that was killed. */
export function watchProcess(watched: Watched): void {
  spawn(process.execPath, [script, JSON.stringify(watched)], {
    stdio: 'ignore',
    detached: true,
  }).unref();
}
