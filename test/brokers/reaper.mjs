/** Waits until the owner or the watched process is gone; ends the latter with its owner. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const { owner, pid, remove, keep } = JSON.parse(process.argv[2] ?? '{}');

function lives(id) {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
}

while (lives(owner) && lives(pid)) await pause(300);
// The process ended by itself or by its owner, who also cleans up and may start another.
if (lives(owner)) process.exit(0);
if (lives(pid)) process.kill(pid, 'SIGTERM');
for (let waited = 0; lives(pid) && waited < 30_000; waited += 200) await pause(200);
if (lives(pid)) process.kill(pid, 'SIGKILL');
if (keep !== undefined && existsSync(keep.from)) renameSync(keep.from, keep.to);
for (const path of remove) rmSync(path, { recursive: true, force: true });
