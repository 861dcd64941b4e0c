import { availableParallelism } from 'node:os';
import { IngestError } from '../errors.js';
import { createThreadPool } from '../thread-pool.js';
import type { Hdf5Table } from '../triggers/hdf5-table.js';
import type { BlockResult, BlockTask, ScanResult, ScanTask } from './scan-messages.js';
import type { StrainFileContents } from './strain-file.js';

/** Threads in which strain is read and scanned. */
export interface ScanPool {
  readonly size: number;
  /** @throws IngestError `bad_strain` where the file is none of strain; it names the file. */
  describe(file: string): Promise<StrainFileContents>;
  /** @throws IngestError `bad_table` where the file holds no triggers; it names the file. */
  readTable(file: string): Promise<Hdf5Table>;
  /** @throws IngestError `bad_strain` where the block as a whole cannot be read. */
  scan(task: Omit<BlockTask, 'kind'>): Promise<BlockResult>;
  /** May be called twice. */
  close(): Promise<void>;
}

/** A block takes some tenths of a second of CPU, far too long for the event loop. */
export function createScanPool(options: { readonly size?: number | undefined } = {}): ScanPool {
  const size = options.size ?? availableParallelism();
  const pool = createThreadPool<ScanTask, ScanResult>({
    name: 'scanner',
    size,
    jobsPerThread: 1,
    workerUrl: new URL('../../dist/strain/scan-worker.js', import.meta.url),
    refusal: (problem, cause) => new IngestError('bad_strain', problem, cause),
  });
  async function named(
    code: 'bad_strain' | 'bad_table',
    task: ScanTask & { readonly file: string },
  ): Promise<ScanResult> {
    try {
      return await pool.run(task);
    } catch (error) {
      if (!(error instanceof IngestError) || error.code === 'stopped') throw error;
      throw new IngestError(code, error.message, { cause: error, file: task.file });
    }
  }

  return {
    size,
    describe: async (file) =>
      (await named('bad_strain', { kind: 'describe', file })) as StrainFileContents,
    readTable: async (file) => (await named('bad_table', { kind: 'table', file })) as Hdf5Table,
    scan: async (task) => (await pool.run({ kind: 'block', ...task })) as BlockResult,
    close: () => pool.close(),
  };
}
