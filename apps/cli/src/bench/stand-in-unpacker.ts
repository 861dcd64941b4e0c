import { parentPort } from 'node:worker_threads';
import type { UnpackAnswer, UnpackRequest } from '@glitchwatch/embedder';

// In the place of the embedder's unpacking thread: hands the encoded windows on as they are.

const port = parentPort;
if (port === null) throw new Error('stand-in-unpacker runs as a worker thread only');

port.on('message', ({ id, glitches, bytes }: UnpackRequest) => {
  const levels = new SharedArrayBuffer(bytes.length);
  new Uint8Array(levels).set(bytes);
  const rows = glitches.map((windows) => ({ kind: 'windows', windows, seconds: 0 }) as const);
  port.postMessage({ id, levels, rows } satisfies UnpackAnswer);
});
