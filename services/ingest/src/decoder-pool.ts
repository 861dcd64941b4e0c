import { availableParallelism } from 'node:os';
import type { DecodedPicture, Picture } from './decode-worker.js';
import { IngestError } from './errors.js';
import type { PictureFile } from './read-picture.js';
import { createThreadPool } from './thread-pool.js';

/** The next picture waits in the thread, which has no pause between two. */
const JOBS_PER_THREAD = 2;

export interface DecoderPool {
  /**
   * A picture as an encoded message grid. Waits for a free place.
   * @throws IngestError `bad_picture`, or `stopped` after `close`.
   */
  decode(png: Uint8Array): Promise<Buffer>;
  /**
   * The same of a file, which the thread reads.
   * @throws IngestError also `too_large` or `unreadable_file`.
   */
  decodeFile(picture: PictureFile): Promise<Buffer>;
  /** May be called twice. */
  close(): Promise<void>;
}

export interface DecoderPoolOptions {
  /** Default: one thread per core. */
  readonly size?: number | undefined;
  readonly workerUrl?: URL | undefined;
}

/**
 * Decoding costs 5 to 6 ms of CPU per picture, which on the event loop would hold up
 * everything else in the process.
 */
export function createDecoderPool(options: DecoderPoolOptions = {}): DecoderPool {
  const pool = createThreadPool<Picture, DecodedPicture>({
    name: 'decoder',
    size: options.size ?? availableParallelism(),
    jobsPerThread: JOBS_PER_THREAD,
    workerUrl: options.workerUrl ?? new URL('../dist/decode-worker.js', import.meta.url),
    refusal: (problem, cause) => new IngestError('bad_picture', problem, cause),
  });
  async function decode(picture: Picture): Promise<Buffer> {
    const decoded = await pool.run(picture);
    if ('message' in decoded) throw new IngestError(decoded.code, decoded.message);
    const { buffer, byteOffset, byteLength } = decoded;
    return Buffer.from(buffer, byteOffset, byteLength);
  }
  return { decode, decodeFile: decode, close: () => pool.close() };
}
