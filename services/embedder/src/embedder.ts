import { setMaxListeners } from 'node:events';
import type { Glitch } from '@glitchwatch/proto';
import { EmbedderError } from './errors.js';
import { type GlitchInput, glitchInput, type HiddenTile } from './glitch-input.js';
import {
  type PipelineAnswer,
  type PipelineEvents,
  type PipelineOptions,
  startInferencePipeline,
} from './inference-pipeline.js';
import type { Device } from './inference-protocol.js';
import { createMicroBatcher } from './micro-batcher.js';
import { dimensionOf, type ModelDescription } from './model-description.js';
import { loadModel, type ModelLocation } from './model-file.js';

export interface EmbedderOptions extends ModelLocation, Omit<PipelineOptions, 'events'> {
  /** Glitches that travel to a worker together. Default 32. */
  readonly maxBatchGlitches?: number | undefined;
  /** How long a glitch may wait for company. Default 5. */
  readonly maxDelayMs?: number | undefined;
  /** Glitches that may wait; above that callers wait. Default 1024. */
  readonly maxQueuedGlitches?: number | undefined;
  readonly events?: EmbedderEvents | undefined;
}

/** Of one glitch, in seconds. */
export interface StageTimes {
  readonly decodeSec: number;
  readonly inferenceSec: number;
}

/** What happens inside, for logs and metrics. */
export interface EmbedderEvents extends PipelineEvents {
  onDispatch?(waitedSec: readonly number[]): void;
  onGlitchTimes?(times: StageTimes): void;
}

/** A glitch's vector (L2-normalised), or why it has none. */
export type EmbedResult =
  | { readonly kind: 'embedding'; readonly vector: Float32Array; readonly windowsSec: number[] }
  | { readonly kind: 'failed'; readonly error: EmbedderError };

export interface Embedder {
  readonly name: string;
  readonly dimension: number;
  /** Of the network's file, and of the head's where there is one. */
  readonly sha256: string;
  readonly description: ModelDescription;
  /** False where model.json does not vouch for the file. */
  readonly checksumKnown: boolean;
  /** The device that is used, after any falling back. */
  readonly device: Device;
  readonly fallbackReason: string | undefined;
  /** Workers that live. */
  aliveWorkers(): number;
  /**
   * One vector per glitch, in order. Rejects with the first glitch's error;
   * `glitchId` says whose. Safe to call from many places at once.
   */
  embed(glitches: readonly Glitch[], signal?: AbortSignal): Promise<Float32Array[]>;
  /**
   * Like `embed`, but a glitch that fails does not stop the others. Rejects only
   * with `worker_died`, `closed`, or the reason of an abort.
   */
  embedEach(glitches: readonly Glitch[], signal?: AbortSignal): Promise<EmbedResult[]>;
  /** The vectors of one glitch with each of these tiles hidden in turn; rejects as `embed`. */
  embedHiding(
    glitch: Glitch,
    tiles: readonly HiddenTile[],
    signal?: AbortSignal,
  ): Promise<Float32Array[]>;
  /** May be called twice. */
  close(): Promise<void>;
}

function vectorOf(result: EmbedResult): Float32Array {
  if (result.kind === 'failed') throw result.error;
  return result.vector;
}

/**
 * Loads a model and starts its workers. Throws `model_not_found`,
 * `bad_model_file`, `checksum_mismatch` or `model_mismatch`.
 */
export async function createEmbedder(options: EmbedderOptions): Promise<Embedder> {
  const model = await loadModel(options);
  const { description } = model;
  const pipeline = await startInferencePipeline(model, options);
  const batcher = createMicroBatcher<GlitchInput, PipelineAnswer>({
    maxItems: options.maxBatchGlitches ?? 32,
    maxDelayMs: options.maxDelayMs ?? 5,
    maxQueued: options.maxQueuedGlitches ?? 1024,
    maxConcurrent: pipeline.maxBatches,
    run: (glitches) => pipeline.run(glitches),
    onDispatch: options.events?.onDispatch?.bind(options.events),
  });

  const resultOf = (input: GlitchInput, answer: PipelineAnswer): EmbedResult => {
    const { glitchId } = input;
    if (answer.kind === 'failed') {
      const message = `glitch ${glitchId}: ${answer.reason}`;
      return { kind: 'failed', error: new EmbedderError('bad_glitch', message, { glitchId }) };
    }
    const { row, decodeSec, inferenceSec } = answer;
    if (inferenceSec !== undefined) options.events?.onGlitchTimes?.({ decodeSec, inferenceSec });
    if (row.kind === 'vector') {
      const windowsSec = input.windows.map((window) => window.windowSec);
      return { kind: 'embedding', vector: row.vector, windowsSec };
    }
    const code = row.kind === 'killer' ? 'worker_killed' : row.code;
    const error = new EmbedderError(code, `glitch ${glitchId}: ${row.reason}`, { glitchId });
    return { kind: 'failed', error };
  };

  const inputOf = (glitch: Glitch): GlitchInput | EmbedderError => {
    try {
      return glitchInput(glitch, description);
    } catch (error) {
      if (error instanceof EmbedderError) return error;
      throw error;
    }
  };

  const submitAll = async (
    inputs: readonly (GlitchInput | EmbedderError)[],
    signal: AbortSignal,
  ): Promise<EmbedResult[]> => {
    const results: Promise<EmbedResult>[] = [];
    for (const input of inputs) {
      if (input instanceof EmbedderError) {
        results.push(Promise.resolve({ kind: 'failed', error: input }));
        continue;
      }
      let submitted: { readonly result: Promise<PipelineAnswer> };
      try {
        submitted = await batcher.submit(input, signal);
      } catch (error) {
        // What is under way settles too; its errors are this one's siblings.
        await Promise.allSettled(results);
        throw error;
      }
      const result = submitted.result.then((answer) => resultOf(input, answer));
      // Awaited below; until then a rejection must not count as unhandled.
      result.catch(() => undefined);
      results.push(result);
    }
    return Promise.all(results);
  };

  const embedInputs = async (
    inputs: readonly (GlitchInput | EmbedderError)[],
    signal: AbortSignal | undefined,
  ): Promise<EmbedResult[]> => {
    // Every waiting glitch listens; on the caller's own signal that would look
    // like a leak, so they listen to one that follows it.
    const abort = new AbortController();
    setMaxListeners(0, abort.signal);
    const follow = (): void => abort.abort(signal?.reason);
    if (signal?.aborted) follow();
    signal?.addEventListener('abort', follow, { once: true });
    try {
      return await submitAll(inputs, abort.signal);
    } finally {
      signal?.removeEventListener('abort', follow);
    }
  };

  let closing: Promise<void> | undefined;
  return {
    name: description.name,
    dimension: dimensionOf(description),
    sha256: model.sha256,
    description,
    checksumKnown: model.checksumKnown,
    get device() {
      return pipeline.device;
    },
    get fallbackReason() {
      return pipeline.fallbackReason;
    },
    aliveWorkers: () => pipeline.aliveWorkers(),
    embedEach: (glitches, signal) => embedInputs(glitches.map(inputOf), signal),
    embed: async (glitches, signal) =>
      (await embedInputs(glitches.map(inputOf), signal)).map(vectorOf),
    async embedHiding(glitch, tiles, signal) {
      const input = glitchInput(glitch, description);
      const inputs = tiles.map((hidden) => ({ ...input, hidden }));
      return (await embedInputs(inputs, signal)).map(vectorOf);
    },
    close() {
      closing ??= Promise.all([pipeline.close(), batcher.close()]).then(() => undefined);
      return closing;
    },
  };
}
