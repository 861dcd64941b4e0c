import type { EmbedderError } from './errors.js';
import { type GlitchInput, gridSizeOf } from './glitch-input.js';
import { startInferenceClient } from './inference-client.js';
import { type InferencePool, startInferencePool } from './inference-pool.js';
import type { Device } from './inference-protocol.js';
import type { RestartPolicy, SlotAnswer } from './inference-slot.js';
import type { LoadedModel } from './model-file.js';
import { createGridUnpacker, type UnpackResult } from './unpacking/grid-unpacker.js';

export interface PipelineOptions {
  /** Inference workers, each with a session of one thread. Default 1. */
  readonly threads?: number | undefined;
  /** Default "cpu". "cuda" is tried, and given up loudly where it does not work. */
  readonly device?: Device | undefined;
  /** Default 60000. */
  readonly batchTimeoutMs?: number | undefined;
  readonly restart?: Partial<RestartPolicy> | undefined;
  readonly events?: PipelineEvents | undefined;
  /** Scripts of the workers; tests put in ones that die. */
  readonly workerUrl?: URL | undefined;
  readonly unpackerUrl?: URL | undefined;
}

export interface PipelineEvents {
  /** A worker's network is open and has run once. */
  onWorkerStart?(start: {
    readonly device: Device;
    readonly fallbackReason: string | undefined;
  }): void;
  onWorkerDeath?(error: EmbedderError, batchGlitches: number): void;
}

/** Of one glitch: why it was not unpacked, or what its worker said. */
export type PipelineAnswer =
  | Extract<UnpackResult, { kind: 'failed' }>
  | (SlotAnswer & { readonly kind: 'embedded'; readonly decodeSec: number });

/** Unpacks the grids of one batch while the network is at the one before. */
export interface InferencePipeline {
  readonly device: Device;
  readonly fallbackReason: string | undefined;
  /** Batches that it makes use of at once; more only wait. */
  readonly maxBatches: number;
  aliveWorkers(): number;
  /** One answer per glitch, in order. Rejects with `worker_died` or `closed`. */
  run(glitches: readonly GlitchInput[]): Promise<readonly PipelineAnswer[]>;
  close(): Promise<void>;
}

const inferenceUrl = new URL('../dist/inference-worker.js', import.meta.url);
const unpackUrl = new URL('../dist/unpacking/unpack-worker.js', import.meta.url);

/** One at the network, and one that is unpacked meanwhile. */
const BATCHES_PER_WORKER = 2;
/** One unpacking thread keeps so many networks busy: each takes twice as long as its grids. */
const WORKERS_PER_UNPACKER = 2;

/** Rejects, with nothing left running, when a worker does not start. */
export async function startInferencePipeline(
  model: LoadedModel,
  options: PipelineOptions,
): Promise<InferencePipeline> {
  const { description } = model;
  const threads = options.threads ?? 1;
  const pool = await startPool(model, options, threads);
  const unpacker = createGridUnpacker(
    Math.ceil(threads / WORKERS_PER_UNPACKER),
    options.unpackerUrl ?? unpackUrl,
    { ...gridSizeOf(description), windowsSec: description.windowsSec },
  );
  return {
    get device() {
      return pool.device;
    },
    get fallbackReason() {
      return pool.fallbackReason;
    },
    maxBatches: BATCHES_PER_WORKER * threads,
    aliveWorkers: () => pool.alive(),
    async run(glitches) {
      const unpacked = await unpacker.unpack(glitches);
      const good = unpacked.flatMap((one) => (one.kind === 'unpacked' ? [one.glitch] : []));
      const answers = good.length === 0 ? [] : await pool.run(good);
      let next = 0;
      return unpacked.map((one) =>
        one.kind === 'failed'
          ? one
          : { kind: 'embedded', ...answers[next++]!, decodeSec: one.decodeSec },
      );
    },
    async close() {
      await Promise.all([pool.close(), unpacker.close()]);
    },
  };
}

function startPool(
  { bytes, path, description, head }: LoadedModel,
  { device = 'cpu', batchTimeoutMs = 60_000, workerUrl, restart, events }: PipelineOptions,
  size: number,
): Promise<InferencePool> {
  const setup = { modelBytes: bytes, modelPath: path, description, head, device };
  return startInferencePool({
    size,
    startClient: () =>
      startInferenceClient({ setup, workerUrl: workerUrl ?? inferenceUrl, batchTimeoutMs }),
    policy: { firstPauseMs: 50, maxPauseMs: 5000, maxFailedStarts: 5, ...restart },
    events: {
      onStart: ({ device, fallbackReason }) => events?.onWorkerStart?.({ device, fallbackReason }),
      onDeath: (error, glitches) => events?.onWorkerDeath?.(error, glitches),
    },
  });
}
