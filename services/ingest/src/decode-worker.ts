import { parentPort } from 'node:worker_threads';
import { decodeGravitySpyPngToMessageGrid, encodeGrid } from '@glitchwatch/spectrogram';
import { IngestError, type IngestProblem } from './errors.js';
import { type PictureFile, readPicture } from './read-picture.js';
import type { ThreadReply, ThreadRequest } from './thread-pool.js';

/** A picture as the bytes of a PNG, or where they are to be found. */
export type Picture = Uint8Array | PictureFile;

/** The code of its grid, or why the file could not be read. */
export type DecodedPicture = Uint8Array | IngestProblem;

/** A thread that turns pictures into encoded message grids. */
const port = parentPort;
if (port === null) throw new Error('decode-worker runs as a worker thread only');

async function decode({ id, input }: ThreadRequest<Picture>): Promise<ThreadReply<DecodedPicture>> {
  try {
    const png = input instanceof Uint8Array ? input : readPicture(input);
    return { id, output: encodeGrid(await decodeGravitySpyPngToMessageGrid(png)) };
  } catch (error) {
    if (error instanceof IngestError) return { id, output: error.toProblem() };
    // Also what is a bug of ours concerns this one picture: the others go on.
    return { id, problem: error instanceof Error ? error.message : String(error) };
  }
}

port.on('message', (request: ThreadRequest<Picture>) => {
  void decode(request).then((reply) => port.postMessage(reply));
});
