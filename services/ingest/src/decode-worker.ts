import { parentPort } from 'node:worker_threads';
import { decodeGravitySpyPngToMessageGrid, encodeGrid } from '@glitchwatch/spectrogram';
import type { ThreadReply, ThreadRequest } from './thread-pool.js';

/** A thread that turns pictures into encoded message grids. */
const port = parentPort;
if (port === null) throw new Error('decode-worker runs as a worker thread only');

async function decode({ id, input }: ThreadRequest<Uint8Array>): Promise<ThreadReply<Uint8Array>> {
  try {
    return { id, output: encodeGrid(await decodeGravitySpyPngToMessageGrid(input)) };
  } catch (error) {
    // Also what is a bug of ours concerns this one picture: the others go on.
    return { id, problem: error instanceof Error ? error.message : String(error) };
  }
}

port.on('message', (request: ThreadRequest<Uint8Array>) => {
  void decode(request).then((reply) => port.postMessage(reply));
});
