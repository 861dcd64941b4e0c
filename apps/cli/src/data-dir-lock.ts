import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { requireRoom } from './disk-room.js';
import { CliError } from './errors.js';

export interface DataDirLock {
  release(): Promise<void>;
}

interface Owner {
  readonly pid: number;
  /** Start time of the process in clock ticks, so that a reused pid is not taken for the owner. */
  readonly startTicks: string;
}

/** Field 22 of /proc/PID/stat; empty where there is no such file. */
async function startTicksOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch (error) {
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function ownerOf(path: string): Promise<Owner | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const [pid, startTicks] = text.trim().split(' ');
  return pid ? { pid: Number(pid), startTicks: startTicks ?? '' } : undefined;
}

async function ownsStill(owner: Owner): Promise<boolean> {
  return isAlive(owner.pid) && (await startTicksOf(owner.pid)) === owner.startTicks;
}

/**
 * Takes the data folder for one `start` or `run`. A lock left by a process that
 * was killed is taken over at once: its pid is gone or belongs to another start.
 *
 * @throws CliError `data_dir_in_use` or `disk_full`.
 */
export async function lockDataDir(dir: string): Promise<DataDirLock> {
  await mkdir(dir, { recursive: true });
  await requireRoom(dir);
  const path = join(dir, 'start.lock');
  const mine = `${process.pid} ${await startTicksOf(process.pid)}\n`;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(mine);
      await file.close();
      return { release: () => rm(path, { force: true }) };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const owner = await ownerOf(path);
      if (owner && (await ownsStill(owner))) {
        throw new CliError(
          'data_dir_in_use',
          `data folder ${dir} is in use by process ${owner.pid}; stop it or give another folder`,
        );
      }
      await rm(path, { force: true });
    }
  }
  throw new CliError(
    'data_dir_in_use',
    `data folder ${dir}: several processes want it at this moment`,
  );
}
