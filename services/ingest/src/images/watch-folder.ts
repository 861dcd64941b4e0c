import { stat } from 'node:fs/promises';
import { WINDOWS_SEC } from '@glitchwatch/spectrogram';
import { watch } from 'chokidar';
import type { IngestConfig } from '../config.js';
import { IngestError, type IngestProblem } from '../errors.js';
import {
  isPng,
  type PictureGroup,
  pictureOfFile,
  scanFolder,
  unrecognisedName,
} from './scan-folder.js';
import { createWindowGatherer } from './window-gatherer.js';

export interface WatchOptions {
  readonly dir: string;
  readonly config: IngestConfig['images'];
  readonly signal: AbortSignal;
  readonly onWarning: (problem: IngestProblem) => void;
}

/** Finished glitches remembered for late windows: some tens of MB. */
const REMEMBERED_GLITCHES = 50_000;

/**
 * Glitches of a folder that grows: first what is there, then what is added, each
 * when its four windows have come or have stopped coming. Ends on abort, after
 * handing over what it had gathered.
 */
export async function* watchFolder(options: WatchOptions): AsyncGenerator<PictureGroup> {
  const { dir, config, signal, onWarning } = options;
  const ready: PictureGroup[] = [];
  let wake = (): void => undefined;
  let failure: unknown;
  const gatherer = createWindowGatherer({
    complete: WINDOWS_SEC.length,
    settleMs: config.settleMs,
    maxWaitMs: config.maxWaitMs,
    remember: REMEMBERED_GLITCHES,
    onWarning,
    onGroup(group) {
      ready.push(group);
      wake();
    },
  });
  const add = (file: string): void => {
    const picture = pictureOfFile(file);
    if (picture !== undefined) gatherer.add(picture);
    else if (isPng(file)) onWarning(unrecognisedName(file));
  };
  const watcher = watch(dir, {
    ignoreInitial: true,
    awaitWriteFinish: { stabilityThreshold: config.writeFinishMs, pollInterval: 50 },
  });
  watcher.on('add', add);
  // A writer slower than writeFinishMs: what was refused as truncated gets its chance.
  watcher.on('change', (file) => {
    const picture = pictureOfFile(file);
    if (picture !== undefined) gatherer.changed(picture);
  });
  watcher.on('error', (error) => {
    failure = error;
    wake();
  });
  const onAbort = (): void => wake();
  signal.addEventListener('abort', onAbort);
  try {
    await new Promise<void>((resolve, reject) => {
      watcher.once('ready', resolve);
      watcher.once('error', reject);
    });
    // Listed only now, so that nothing falls between the list and the watching.
    const { groups } = await scanFolder(dir, onWarning);
    for (const group of groups) {
      if (await isSettled(group, config.settleMs)) {
        gatherer.know(group);
        ready.push(group);
        continue;
      }
      for (const [windowSec, file] of group.files) gatherer.add({ ...group, windowSec, file });
    }
    for (;;) {
      if (signal.aborted) gatherer.flush();
      const next = ready.shift();
      if (next !== undefined) {
        yield next;
        continue;
      }
      if (failure !== undefined) throw watchError(dir, failure);
      if (signal.aborted) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
        // What came between the checks above and here is not missed.
        if (ready.length > 0 || signal.aborted || failure !== undefined) resolve();
      });
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    await watcher.close();
  }
}

/** Files changed just now may still be growing. */
async function isSettled(group: PictureGroup, settleMs: number): Promise<boolean> {
  const nowMs = Date.now();
  for (const file of group.files.values()) {
    const found = await stat(file).catch(() => undefined);
    if (found !== undefined && nowMs - found.mtimeMs < settleMs) return false;
  }
  return true;
}

function watchError(dir: string, cause: unknown): IngestError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new IngestError('unreadable_file', `Cannot watch ${dir}: ${reason}`, { file: dir, cause });
}
