import { availableParallelism } from 'node:os';
import { IngestError } from './errors.js';
import { createThreadPool } from './thread-pool.js';

/** Two pictures per thread: one unpacks in libuv while the other is inverted. */
const JOBS_PER_THREAD = 2;

export interface DecoderPool {
  /**
   * A picture as an encoded message grid. Waits for a free place.
   * @throws IngestError `bad_picture`, or `stopped` after `close`.
   */
  decode(png: Uint8Array): Promise<Buffer>;
  /** May be called twice. */
  close(): Promise<void>;
}

export interface DecoderPoolOptions {
  /** Default: one thread per core. */
  readonly size?: number | undefined;
  readonly workerUrl?: URL | undefined;
}

/**
 * Decoding costs 7 to 10 ms of JavaScript per picture (viridis inversion above
 * all), which on the event loop would hold up everything else in the process.
 */
export function createDecoderPool(options: DecoderPoolOptions = {}): DecoderPool {
  const pool = createThreadPool<Uint8Array, Uint8Array>({
    name: 'decoder',
    size: options.size ?? availableParallelism(),
    jobsPerThread: JOBS_PER_THREAD,
    workerUrl: options.workerUrl ?? new URL('../dist/decode-worker.js', import.meta.url),
    refusal: (problem, cause) => new IngestError('bad_picture', problem, cause),
  });
  return {
    async decode(png) {
      const { buffer, byteOffset, byteLength } = await pool.run(png);
      return Buffer.from(buffer, byteOffset, byteLength);
    },
    close: () => pool.close(),
  };
}
