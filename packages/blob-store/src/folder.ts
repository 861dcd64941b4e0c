import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { BlobStoreError } from './errors.js';
import { checkKey } from './key.js';
import type { BlobStore } from './port.js';

export interface FolderBlobStoreOptions {
  /** Made where missing; processes may share it. */
  readonly dir: string;
}

/** Not a part that a key may have, so no key reaches into it. */
const TEMPORARY = '~temporary';
/** What a crashed process left half written is removed when it is this old. */
const ABANDONED_AFTER_MS = 24 * 3600 * 1000;

/** Opens the blob store that needs no server: a file per blob below one folder. */
export async function openFolderBlobStore(options: FolderBlobStoreOptions): Promise<BlobStore> {
  const dir = resolve(options.dir);
  const temporary = join(dir, TEMPORARY);
  await told(dir, () => mkdir(temporary, { recursive: true }));
  await told(dir, () => removeAbandoned(temporary));
  return {
    put: (key, parts) => put(dir, key, parts),
    get: (key) => get(dir, key),
    list: (prefix) => list(dir, prefix),
    delete: (key) => remove(dir, key),
  };
}

/** Written aside, flushed, then renamed: readers see the whole blob or none. */
async function put(dir: string, key: string, parts: readonly Uint8Array[]): Promise<void> {
  checkKey(key);
  const path = join(dir, key);
  const aside = join(dir, TEMPORARY, randomUUID());
  await told(key, async () => {
    try {
      const file = await open(aside, 'wx');
      try {
        for (const part of parts) await file.writeFile(part);
        await file.sync();
      } finally {
        await file.close();
      }
      await mkdir(dirname(path), { recursive: true });
      await rename(aside, path);
      await syncFolder(dirname(path));
    } catch (error) {
      await rm(aside, { force: true });
      throw error;
    }
  });
}

async function get(dir: string, key: string): Promise<Uint8Array> {
  checkKey(key);
  try {
    return await readFile(join(dir, key));
  } catch (error) {
    if (!missingCodes.includes(codeOf(error))) throw blobError(key, error);
    throw new BlobStoreError('not_found', `blob ${key} does not exist in ${dir}`, { cause: error });
  }
}

async function list(dir: string, prefix: string): Promise<readonly string[]> {
  const entries = await told(prefix, () => readdir(dir, { recursive: true, withFileTypes: true }));
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((key) => key.startsWith(prefix) && !key.startsWith(`${TEMPORARY}/`))
    .sort();
}

async function remove(dir: string, key: string): Promise<void> {
  checkKey(key);
  await told(key, () => rm(join(dir, key), { force: true }));
}

/** The rename itself must survive a power cut; not every system lets a folder be opened. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function removeAbandoned(temporary: string): Promise<void> {
  for (const name of await readdir(temporary)) {
    const path = join(temporary, name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > ABANDONED_AFTER_MS) await rm(path, { force: true });
  }
}

async function told<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw blobError(what, error);
  }
}

/** A key may also be a folder of others, or go through what is a blob itself. */
const missingCodes: readonly unknown[] = ['ENOENT', 'EISDIR', 'ENOTDIR'];
const fullCodes: readonly unknown[] = ['ENOSPC', 'EDQUOT'];

function blobError(what: string, error: unknown): BlobStoreError {
  const code = fullCodes.includes(codeOf(error)) ? 'disk_full' : 'unavailable';
  const message = error instanceof Error ? error.message : String(error);
  return new BlobStoreError(code, `blob ${what}: ${message}`, { cause: error });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
