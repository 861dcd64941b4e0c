import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { IngestError } from './errors.js';

const HDF5_NAMES = ['.hdf5', '.h5', '.hdf'];

export function isHdf5Name(file: string): boolean {
  return HDF5_NAMES.includes(extname(file).toLowerCase());
}

/**
 * Files as they are, and the files of folders (not of folders in them) that `isWanted`
 * by name, in order.
 * @throws IngestError `unreadable_file`.
 */
export async function expandFolders(
  paths: readonly string[],
  isWanted: (file: string) => boolean,
): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    try {
      if (!(await stat(path)).isDirectory()) files.push(path);
      else {
        const names = (await readdir(path)).sort();
        files.push(...names.map((name) => join(path, name)).filter(isWanted));
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new IngestError('unreadable_file', `Cannot read ${path}: ${reason}.`, {
        file: path,
        cause: error,
      });
    }
  }
  return files;
}
