import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { watch } from 'chokidar';
import { IngestError } from './errors.js';
import { expandFolders } from './expand-folders.js';

export interface WatchFilesOptions {
  readonly dirs: readonly string[];
  /** A file is complete when its size has not changed for so long. */
  readonly writeFinishMs: number;
  readonly isWanted: (file: string) => boolean;
  /** While nothing comes, a turn is given at least so often. */
  readonly everyMs: number;
  readonly signal: AbortSignal;
}

const MAX_QUEUED = 10_000;
/** Files whose last version is remembered: about a MB. */
const MAX_REMEMBERED = 10_000;

/**
 * Files of folders, first those that are there, then each as it is completed or
 * written anew; undefined where nothing came for a while. A version of a file is
 * given once, however often the file system tells of it. Ends on abort.
 *
 * @throws IngestError `unreadable_file` where a folder cannot be watched, `too_large`
 *   where files come faster than they are taken.
 */
export async function* watchFiles(options: WatchFilesOptions): AsyncGenerator<string | undefined> {
  const { dirs, writeFinishMs, isWanted, everyMs, signal } = options;
  const queue = new Set<string>();
  const given = new Map<string, string>();
  let failure: IngestError | undefined;
  let wake = (): void => undefined;
  const watcher = watch([...dirs], {
    depth: 0,
    ignoreInitial: true,
    awaitWriteFinish: { stabilityThreshold: writeFinishMs, pollInterval: 50 },
  });
  const add = (file: string): void => {
    if (!isWanted(file)) return;
    queue.add(file);
    if (queue.size > MAX_QUEUED) {
      const message = `${dirs.join(', ')}: expected at most ${MAX_QUEUED} files waiting; found more.`;
      failure ??= new IngestError('too_large', message);
    }
    wake();
  };
  watcher.on('add', add);
  watcher.on('change', add);
  watcher.on('error', (cause) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `Cannot watch ${dirs.join(', ')}: ${reason}`;
    failure ??= new IngestError('unreadable_file', message, { cause });
    wake();
  });
  const onAbort = (): void => wake();
  signal.addEventListener('abort', onAbort);
  try {
    await new Promise<void>((resolve) => {
      watcher.once('ready', resolve);
      watcher.once('error', () => resolve());
    });
    // Listed only now, so that nothing falls between the list and the watching.
    for (const file of await expandFolders(dirs, isWanted)) add(file);
    while (!signal.aborted) {
      if (failure !== undefined) throw failure;
      const [next] = queue;
      if (next !== undefined) {
        queue.delete(next);
        const version = await completeVersion(next, writeFinishMs, signal);
        if (version === undefined || given.get(next) === version) continue;
        given.delete(next);
        given.set(next, version);
        for (const oldest of given.keys()) {
          if (given.size <= MAX_REMEMBERED) break;
          given.delete(oldest);
        }
        yield next;
        continue;
      }
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        wake = resolve;
        timer = setTimeout(resolve, everyMs);
        if (queue.size > 0 || signal.aborted || failure !== undefined) resolve();
      });
      clearTimeout(timer);
      if (queue.size === 0) yield undefined;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    await watcher.close();
  }
}

/**
 * Which version of the file is there, once it has stopped changing: one that was
 * there before the watch may still be in the making. Undefined if it is gone.
 */
async function completeVersion(
  file: string,
  writeFinishMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (;;) {
    const found = await stat(file).catch((error: NodeJS.ErrnoException) => error);
    // What is there and cannot be looked at is for its reader to tell.
    if (found instanceof Error) return found.code === 'ENOENT' ? undefined : found.code;
    const restMs = writeFinishMs - (Date.now() - found.mtimeMs);
    // A time in the future says nothing.
    if (restMs <= 0 || restMs > writeFinishMs) {
      return `${found.ino} ${found.size} ${found.mtimeMs}`;
    }
    if (signal.aborted) return undefined;
    await sleep(restMs, undefined, { signal }).catch(() => undefined);
  }
}
