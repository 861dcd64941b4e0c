import type { IngestProblem } from '../errors.js';
import { glitchKey } from './metadata-csv.js';
import { duplicateWindow, type NamedPicture, type PictureGroup } from './scan-folder.js';

export interface GathererOptions {
  /** Windows of a complete glitch. */
  readonly complete: number;
  /** How long to wait after a window for the next. */
  readonly settleMs: number;
  /** The longest wait since the first window. */
  readonly maxWaitMs: number;
  /** Glitches remembered, so that a late window is told from a new glitch. */
  readonly remember: number;
  readonly onGroup: (group: PictureGroup) => void;
  readonly onWarning: (problem: IngestProblem) => void;
}

/** Puts windows that arrive one by one together to glitches. */
export interface WindowGatherer {
  add(picture: NamedPicture): void;
  /** Tells of a glitch that was ingested otherwise. */
  know(group: PictureGroup): void;
  /** A file was written to after all: its glitch is gathered and handed over once more. */
  changed(picture: NamedPicture): void;
  /** Hands over everything that still waits. */
  flush(): void;
  readonly waiting: number;
}

interface Gathering extends PictureGroup {
  readonly files: Map<number, string>;
  readonly deadline: number;
  timer: NodeJS.Timeout | undefined;
}

export function createWindowGatherer(options: GathererOptions): WindowGatherer {
  const { complete, settleMs, maxWaitMs, remember, onGroup, onWarning } = options;
  const gathering = new Map<string, Gathering>();
  const known = new Map<string, PictureGroup>();

  function know(group: PictureGroup): void {
    known.set(group.key, group);
    const oldest = known.size > remember ? known.keys().next().value : undefined;
    if (oldest !== undefined) known.delete(oldest);
  }

  function handOver(group: Gathering): void {
    clearTimeout(group.timer);
    gathering.delete(group.key);
    const { key, ifo, externalId, files } = group;
    know({ key, ifo, externalId, files });
    onGroup({ key, ifo, externalId, files });
  }

  function tooLate(picture: NamedPicture, group: PictureGroup): void {
    const { file, windowSec } = picture;
    const first = group.files.get(windowSec);
    if (first === file) return;
    if (first !== undefined) onWarning(duplicateWindow(file, first, windowSec));
    else {
      const message = `${file} came after ${group.key} was ingested with ${group.files.size} of ${complete} windows. Left out.`;
      onWarning({ code: 'late_window', message, file });
    }
  }

  function add(picture: NamedPicture): void {
    const { ifo, externalId, windowSec, file } = picture;
    const key = glitchKey(ifo, externalId);
    const done = known.get(key);
    if (done !== undefined) {
      tooLate(picture, done);
      return;
    }
    const nowMs = performance.now();
    const group: Gathering = gathering.get(key) ?? {
      key,
      ifo,
      externalId,
      files: new Map(),
      deadline: nowMs + maxWaitMs,
      timer: undefined,
    };
    gathering.set(key, group);
    const first = group.files.get(windowSec);
    if (first !== undefined && first !== file) onWarning(duplicateWindow(file, first, windowSec));
    else group.files.set(windowSec, file);
    clearTimeout(group.timer);
    if (group.files.size >= complete) handOver(group);
    else {
      const waitMs = Math.max(0, Math.min(settleMs, group.deadline - nowMs));
      group.timer = setTimeout(() => handOver(group), waitMs);
    }
  }

  return {
    know,
    add,
    changed(picture) {
      const { ifo, externalId, file } = picture;
      const group = known.get(glitchKey(ifo, externalId));
      if (group === undefined || group.files.get(picture.windowSec) !== file) {
        add(picture);
        return;
      }
      known.delete(group.key);
      for (const [windowSec, each] of group.files) {
        add({ ifo, externalId, windowSec, file: each });
      }
    },
    flush() {
      for (const group of [...gathering.values()]) handOver(group);
    },
    get waiting() {
      return gathering.size;
    },
  };
}
