import { mkdirSync } from 'node:fs';
import { type Database, open, type RootDatabase } from 'lmdb';
import { EventLogError } from '../errors.js';

/**
 * Address space reserved for the map, the same in every process and far above any
 * `maxBytes`, so that the map never has to move while other threads read. Only
 * pages in use take memory or disk.
 */
const MAP_BYTES = 2 ** 40;
export const MAX_MAX_BYTES = 2 ** 39;

/** Handles of one thread on the store; every thread of every process opens its own. */
export interface Environment {
  readonly root: RootDatabase;
  /** Key: topic id u32, partition u32, offset f64, big-endian. Value: record-codec. */
  readonly records: Database<Buffer, Buffer>;
  /** Small JSON rows; see rows.ts. */
  readonly state: Database;
  close(): Promise<void>;
}

export function openEnvironment(dir: string): Environment {
  try {
    mkdirSync(dir, { recursive: true });
    const root = open({
      path: dir,
      noSubdir: false,
      mapSize: MAP_BYTES,
      maxDbs: 4,
      maxReaders: 512,
      // A commit returns when its pages are on disk: the promise of `append`.
      overlappingSync: false,
      cache: false,
    });
    const records = root.openDB<Buffer, Buffer>('records', {
      keyEncoding: 'binary',
      encoding: 'binary',
    });
    const state = root.openDB('state', { encoding: 'json' });
    return { root, records, state, close: () => root.close() };
  } catch (error) {
    throw new EventLogError('unavailable', `event log at ${dir} cannot be opened: ${error}`, {
      cause: error,
    });
  }
}

/** Bytes in live pages; freed pages stay in the file and are used again. */
export function usedBytes(environment: Environment): number {
  let pages = 0;
  let pageSize = 4096;
  for (const store of [environment.records, environment.state]) {
    const stats = store.getStats() as {
      pageSize: number;
      treeBranchPageCount: number;
      treeLeafPageCount: number;
      overflowPages: number;
    };
    pageSize = stats.pageSize;
    pages += stats.treeBranchPageCount + stats.treeLeafPageCount + stats.overflowPages;
  }
  return pages * pageSize;
}
