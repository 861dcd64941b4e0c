import type { HiddenTile } from './glitch-input.js';
import type { ModelDescription } from './model-description.js';

/** Where a network may run. */
export type Device = 'cpu' | 'cuda';

export interface WorkerSetup {
  readonly modelBytes: SharedArrayBuffer;
  readonly modelPath: string;
  readonly description: ModelDescription;
  /** Matrix that the network's vectors go through, row by row. */
  readonly head: Float32Array<SharedArrayBuffer> | undefined;
  readonly device: Device;
}

/** Slice of a glitch's `levels` that holds one window. */
export interface UnpackedWindow {
  readonly slot: number;
  readonly offset: number;
  readonly length: number;
}

/** A glitch's grids in memory that threads share: nothing is copied on the way to a worker. */
export interface UnpackedGlitch {
  readonly levels: SharedArrayBuffer;
  readonly windows: readonly UnpackedWindow[];
  readonly hidden: HiddenTile | undefined;
}

export interface InferenceRequest {
  readonly id: number;
  readonly glitches: readonly UnpackedGlitch[];
}

/** One glitch's vector, or why it has none. */
export type InferenceRow =
  | { readonly kind: 'vector'; readonly vector: Float32Array<ArrayBuffer> }
  | { readonly kind: 'failed'; readonly code: 'bad_embedding'; readonly reason: string };

export type WorkerMessage =
  | {
      readonly kind: 'ready';
      readonly device: Device;
      /** Why it is not the device that was asked for. */
      readonly fallbackReason: string | undefined;
    }
  | { readonly kind: 'unusable'; readonly code: 'model_mismatch'; readonly reason: string }
  | {
      readonly kind: 'rows';
      readonly id: number;
      readonly rows: readonly InferenceRow[];
      /** Of each row. */
      readonly inferenceSec: readonly number[];
    };
