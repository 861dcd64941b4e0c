import { parentPort, workerData } from 'node:worker_threads';
import { EmbedderError, reasonOf } from './errors.js';
import { gridSizeOf } from './glitch-input.js';
import { createGlitchNetwork, type GlitchNetwork } from './glitch-network.js';
import { hideTile } from './hide-tile.js';
import type {
  InferenceRequest,
  InferenceRow,
  UnpackedGlitch,
  WorkerMessage,
  WorkerSetup,
} from './inference-protocol.js';
import { type DecodedWindow, inputLayoutOf } from './input-layout/index.js';
import { checkSession, openSession } from './session.js';

// Runs in a worker thread: runs the network, so that it never holds up the thread
// that serves and consumes.

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

function decodedWindows({ levels, windows, hidden }: UnpackedGlitch): DecodedWindow[] {
  return windows.map(({ slot, offset, length }) => {
    const data = new Uint8Array(levels, offset, length);
    return { slot, data: hidden?.slot === slot ? hideTile(data, size.nTime, hidden) : data };
  });
}

async function answer(network: GlitchNetwork, { id, glitches }: InferenceRequest): Promise<void> {
  const rows: InferenceRow[] = [];
  const inferenceSec: number[] = [];
  const transfer: ArrayBuffer[] = [];
  for (const glitch of glitches) {
    const begun = performance.now();
    const row = await network.embed(decodedWindows(glitch));
    if (row.kind === 'vector') transfer.push(row.vector.buffer);
    rows.push(row);
    inferenceSec.push((performance.now() - begun) / 1000);
  }
  post({ kind: 'rows', id, rows, inferenceSec }, transfer);
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
