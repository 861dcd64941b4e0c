import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { groupWindows, parseGravitySpyFileName } from '@glitchwatch/spectrogram';
import { IngestError, type IngestProblem } from '../errors.js';
import { glitchKey } from './metadata-csv.js';

/** A picture by its name; nothing has been read yet. */
export interface NamedPicture {
  readonly ifo: string;
  readonly externalId: string;
  readonly windowSec: number;
  readonly file: string;
}

/** All pictures of one glitch: at most one per window. */
export interface PictureGroup {
  readonly key: string;
  readonly ifo: string;
  readonly externalId: string;
  readonly files: ReadonlyMap<number, string>;
}

export interface FolderScan {
  readonly groups: readonly PictureGroup[];
  readonly filesSeen: number;
}

export function pictureOfFile(file: string): NamedPicture | undefined {
  const parsed = parseGravitySpyFileName(file);
  return parsed === undefined ? undefined : { ...parsed, file };
}

/**
 * Lists every Gravity Spy picture below `dir`, grouped by glitch, in the order of
 * their paths so that two runs see the same first one.
 *
 * @throws IngestError `no_such_folder`.
 */
export async function scanFolder(
  dir: string,
  onWarning: (problem: IngestProblem) => void,
): Promise<FolderScan> {
  await requireFolder(dir);
  const pictures: string[] = [];
  let filesSeen = 0;
  for await (const file of filesBelow(dir, new Set())) {
    filesSeen += 1;
    if (isPng(file)) pictures.push(file);
  }
  const { glitches, duplicates, unrecognised } = groupWindows(pictures);
  const groups = glitches.map(({ ifo, externalId, windows }) => ({
    key: glitchKey(ifo, externalId),
    ifo,
    externalId,
    files: new Map(windows.map(({ windowSec, file }) => [windowSec, file])),
  }));
  for (const file of unrecognised) onWarning(unrecognisedName(file));
  const byKey = new Map(duplicates.length === 0 ? [] : groups.map((group) => [group.key, group]));
  for (const file of duplicates) {
    const picture = pictureOfFile(file);
    if (picture === undefined) continue;
    const group = byKey.get(glitchKey(picture.ifo, picture.externalId));
    onWarning(duplicateWindow(file, group?.files.get(picture.windowSec) ?? '', picture.windowSec));
  }
  return { groups, filesSeen };
}

export function isPng(file: string): boolean {
  return extname(file).toLowerCase() === '.png';
}

export function unrecognisedName(file: string): IngestProblem {
  const message = `${file} is not named like a Gravity Spy picture: expected ${EXPECTED_NAME}. Left out.`;
  return { code: 'unrecognised_name', message, file };
}

export function duplicateWindow(file: string, first: string, windowSec: number): IngestProblem {
  const message = `${file} shows the ${windowSec} s window again; ${first} came first and counts.`;
  return { code: 'duplicate_window', message, file };
}

export const EXPECTED_NAME = '<ifo>_<id>_spectrogram_<0.5|1.0|2.0|4.0>.png';

export async function requireFolder(dir: string): Promise<void> {
  let found = 'a file';
  let cause: unknown;
  try {
    if ((await stat(dir)).isDirectory()) return;
  } catch (error) {
    found = 'nothing that can be read';
    cause = error;
  }
  throw new IngestError('no_such_folder', `${dir}: expected a folder; found ${found}.`, {
    file: dir,
    cause,
  });
}

/** Files in path order; links are followed, each real folder once. */
async function* filesBelow(dir: string, visited: Set<string>): AsyncGenerator<string> {
  const real = await realpath(dir);
  if (visited.has(real)) return;
  visited.add(real);
  const entries = await readdir(dir, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const file = join(dir, entry.name);
    const kind = await kindOf(entry, file);
    if (kind === 'folder') yield* filesBelow(file, visited);
    else if (kind === 'file') yield file;
  }
}

async function kindOf(entry: Dirent, file: string): Promise<'file' | 'folder' | 'other'> {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  if (!entry.isSymbolicLink()) return 'other';
  // A dangling link is nobody's picture.
  const target = await stat(file).catch(() => undefined);
  if (target === undefined) return 'other';
  return target.isDirectory() ? 'folder' : target.isFile() ? 'file' : 'other';
}
