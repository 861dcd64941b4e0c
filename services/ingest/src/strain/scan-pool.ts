import { availableParallelism } from 'node:os';
import { IngestError } from '../errors.js';
import { createThreadPool } from '../thread-pool.js';
import type { BlockResult, BlockTask, ScanResult, ScanTask } from './scan-messages.js';
import type { StrainFileContents } from './strain-file.js';

/** Threads in which strain is read and scanned. */
export interface ScanPool {
  readonly size: number;
  /** @throws IngestError `bad_strain` where the file is none of strain; it names the file. */
  describe(file: string): Promise<StrainFileContents>;
  /** @throws IngestError `bad_scan` where the block as a whole cannot be read. */
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
  return {
    size,
    async describe(file) {
      try {
        return (await pool.run({ kind: 'describe', file })) as StrainFileContents;
      } catch (error) {
        if (!(error instanceof IngestError) || error.code === 'stopped') throw error;
        throw new IngestError('bad_strain', error.message, { cause: error, file });
      }
    },
    scan: async (task) => (await pool.run({ kind: 'block', ...task })) as BlockResult,
    close: () => pool.close(),
  };
}
