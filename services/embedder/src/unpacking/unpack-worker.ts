import { parentPort, workerData } from 'node:worker_threads';
import { decodeGrid } from '@glitchwatch/spectrogram';
import { reasonOf } from '../errors.js';
import type { UnpackedWindow } from '../inference-protocol.js';
import type {
  PackedWindow,
  UnpackAnswer,
  UnpackedRow,
  UnpackRequest,
  UnpackSetup,
} from './unpack-protocol.js';

// Runs in a worker thread: unpacks the grids of one batch while the network is at the
// batch before, into memory that both threads see.

const port = parentPort;
if (port === null) throw new Error('unpack-worker runs as a worker thread only');
const { nFrequency, nTime, windowsSec } = workerData as UnpackSetup;
const cells = nFrequency * nTime;

function unpack({ id, glitches, bytes }: UnpackRequest): UnpackAnswer {
  // One that several glitches share is unpacked once.
  const places = new Map<number, number>();
  for (const { offset } of glitches.flat()) {
    if (!places.has(offset)) places.set(offset, places.size * cells);
  }
  const levels = new SharedArrayBuffer(places.size * cells);
  const target = new Uint8Array(levels);
  const done = new Set<number>();

  const unpackWindow = ({ slot, offset, length }: PackedWindow): UnpackedWindow => {
    const place = places.get(offset) ?? 0;
    if (!done.has(offset)) {
      target.set(
        decodeGrid(bytes.subarray(offset, offset + length), nFrequency, nTime).data,
        place,
      );
      done.add(offset);
    }
    return { slot, offset: place, length: cells };
  };
  const rows = glitches.map((windows): UnpackedRow => {
    const begun = performance.now();
    const seconds = (): number => (performance.now() - begun) / 1000;
    const unpacked: UnpackedWindow[] = [];
    for (const window of windows) {
      try {
        unpacked.push(unpackWindow(window));
      } catch (error) {
        const reason = `window of ${windowsSec[window.slot]} s: ${reasonOf(error)}`;
        return { kind: 'failed', reason, seconds: seconds() };
      }
    }
    return { kind: 'windows', windows: unpacked, seconds: seconds() };
  });
  return { id, levels, rows };
}

port.on('message', (request: UnpackRequest) => port.postMessage(unpack(request)));
