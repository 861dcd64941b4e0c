import { parentPort, workerData } from 'node:worker_threads';
import { decodeGrid } from '@glitchwatch/spectrogram';
import { EmbedderError, reasonOf } from './errors.js';
import { gridSizeOf } from './glitch-input.js';
import { createGlitchNetwork, type GlitchNetwork } from './glitch-network.js';
import { hideTile } from './hide-tile.js';
import type {
  InferenceRequest,
  InferenceRow,
  PackedGlitch,
  PackedWindow,
  StageTimes,
  WorkerMessage,
  WorkerSetup,
} from './inference-protocol.js';
import { type DecodedWindow, inputLayoutOf } from './input-layout/index.js';
import { checkSession, openSession } from './session.js';

// Runs in a worker thread: decodes grids and runs the network, so that neither
// ever holds up the thread that serves and consumes.

const port = parentPort;
if (port === null) throw new Error('inference-worker runs as a worker thread only');
const setup = workerData as WorkerSetup;
const size = gridSizeOf(setup.description);

function post(message: WorkerMessage, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

/** Opens the network, checks it and runs it once on an even grid. */
async function openNetwork(): Promise<GlitchNetwork> {
  const layout = inputLayoutOf(setup.description);
  // The runtime takes no shared memory; this copy is dropped once the network is open.
  const bytes = new Uint8Array(setup.modelBytes.byteLength);
  bytes.set(new Uint8Array(setup.modelBytes));
  let opened: Awaited<ReturnType<typeof openSession>>;
  try {
    opened = await openSession(bytes, setup.device);
  } catch (error) {
    throw new EmbedderError(
      'model_mismatch',
      `${setup.modelPath}: expected a network that onnxruntime can open, found ${reasonOf(error)}`,
      { cause: error },
    );
  }
  checkSession(opened.session, setup.description, layout, setup.modelPath);
  const network = createGlitchNetwork(opened.session, layout, setup);
  const even = new Uint8Array(size.nFrequency * size.nTime).fill(10);
  const canary = await network.embed(
    setup.description.windowsSec.map((_, slot) => ({ slot, data: even })),
  );
  if (canary.kind === 'failed') {
    throw new EmbedderError(
      'model_mismatch',
      `${setup.modelPath}: expected an embedding of an even grid, found ${canary.reason}`,
    );
  }
  post({ kind: 'ready', device: opened.device, fallbackReason: opened.fallbackReason });
  return network;
}

/** The grids of one request; one that several of its glitches share is unpacked once. */
function gridReader(bytes: Uint8Array): (window: PackedWindow) => Uint8Array {
  const known = new Map<number, Uint8Array>();
  return ({ slot, offset, length }) => {
    let grid = known.get(offset);
    if (grid !== undefined) return grid;
    try {
      grid = decodeGrid(bytes.subarray(offset, offset + length), size.nFrequency, size.nTime).data;
    } catch (error) {
      const windowSec = setup.description.windowsSec[slot];
      throw new EmbedderError('bad_glitch', `window of ${windowSec} s: ${reasonOf(error)}`, {
        cause: error,
      });
    }
    known.set(offset, grid);
    return grid;
  };
}

function decodeWindows(
  { windows, hidden }: PackedGlitch,
  gridOf: (window: PackedWindow) => Uint8Array,
): DecodedWindow[] {
  return windows.map((window) => {
    const data = gridOf(window);
    const { slot } = window;
    return { slot, data: hidden?.slot === slot ? hideTile(data, size.nTime, hidden) : data };
  });
}

async function answer(network: GlitchNetwork, request: InferenceRequest): Promise<void> {
  const rows: InferenceRow[] = [];
  const times: StageTimes[] = [];
  const transfer: ArrayBuffer[] = [];
  const gridOf = gridReader(request.bytes);
  for (const glitch of request.glitches) {
    const begun = performance.now();
    let decoded = begun;
    let row: InferenceRow;
    try {
      const grids = decodeWindows(glitch, gridOf);
      decoded = performance.now();
      row = await network.embed(grids);
    } catch (error) {
      if (!(error instanceof EmbedderError) || error.code !== 'bad_glitch') throw error;
      decoded = performance.now();
      row = { kind: 'failed', code: 'bad_glitch', reason: error.message };
    }
    if (row.kind === 'vector') transfer.push(row.vector.buffer);
    rows.push(row);
    times.push({
      decodeSec: (decoded - begun) / 1000,
      inferenceSec: (performance.now() - decoded) / 1000,
    });
  }
  post({ kind: 'rows', id: request.id, rows, times }, transfer);
}

try {
  const network = await openNetwork();
  port.on('message', (request: InferenceRequest) => {
    answer(network, request).catch((error: unknown) => {
      // A new thread is the only state that is known to be good: end this one.
      queueMicrotask(() => {
        throw error;
      });
    });
  });
} catch (error) {
  if (!(error instanceof EmbedderError)) throw error;
  post({ kind: 'unusable', code: 'model_mismatch', reason: error.message });
  port.close();
}
