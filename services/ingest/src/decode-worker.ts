import { parentPort } from 'node:worker_threads';
import {
  decodeGravitySpyPngToMessageGrid,
  encodeGrid,
  SpectrogramError,
} from '@glitchwatch/spectrogram';
import type { DecodeReply, DecodeRequest } from './decode-messages.js';

/** A thread that turns pictures into encoded message grids. */
const port = parentPort;
if (port === null) throw new Error('decode-worker runs as a worker thread only');

async function decode({ id, png }: DecodeRequest): Promise<DecodeReply> {
  try {
    return { id, code: encodeGrid(await decodeGravitySpyPngToMessageGrid(png)) };
  } catch (error) {
    // Anything else is a bug: it ends the thread, and the pool reports it.
    if (!(error instanceof SpectrogramError)) throw error;
    return { id, problem: error.message };
  }
}

port.on('message', (request: DecodeRequest) => {
  void decode(request).then((reply) => port.postMessage(reply));
});
