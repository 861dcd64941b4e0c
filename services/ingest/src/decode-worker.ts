import { parentPort } from 'node:worker_threads';
import { decodeGravitySpyPngToMessageGrid, encodeGrid } from '@glitchwatch/spectrogram';
import type { DecodeReply, DecodeRequest } from './decode-messages.js';

/** A thread that turns pictures into encoded message grids. */
const port = parentPort;
if (port === null) throw new Error('decode-worker runs as a worker thread only');

async function decode({ id, png }: DecodeRequest): Promise<DecodeReply> {
  try {
    return { id, code: encodeGrid(await decodeGravitySpyPngToMessageGrid(png)) };
  } catch (error) {
    // Also what is a bug of ours concerns this one picture: the others go on.
    return { id, problem: error instanceof Error ? error.message : String(error) };
  }
}

port.on('message', (request: DecodeRequest) => {
  void decode(request).then((reply) => port.postMessage(reply));
});
