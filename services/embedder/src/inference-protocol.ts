import type { GlitchInput } from './glitch-input.js';
import type { ModelDescription } from './model-description.js';

/** Where a network may run. */
export type Device = 'cpu' | 'cuda';

export interface WorkerSetup {
  readonly modelBytes: SharedArrayBuffer;
  readonly modelPath: string;
  readonly description: ModelDescription;
  readonly device: Device;
}

/** Slice of `bytes` that holds one encoded window. */
export interface PackedWindow {
  readonly slot: number;
  readonly offset: number;
  readonly length: number;
}

/** A batch on its way to the worker; `bytes` is transferred, not copied. */
export interface InferenceRequest {
  readonly id: number;
  readonly glitches: readonly (readonly PackedWindow[])[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** One glitch's vector, or why it has none. */
export type InferenceRow =
  | { readonly kind: 'vector'; readonly vector: Float32Array<ArrayBuffer> }
  | {
      readonly kind: 'failed';
      readonly code: 'bad_glitch' | 'bad_embedding';
      readonly reason: string;
    };

export interface StageTimes {
  readonly decodeSec: number;
  readonly inferenceSec: number;
}

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
      readonly times: readonly StageTimes[];
    };

/** Copies the encoded windows of a batch, once, into one buffer to be transferred. */
export function packBatch(id: number, glitches: readonly GlitchInput[]): InferenceRequest {
  let total = 0;
  for (const glitch of glitches) {
    for (const window of glitch.windows) total += window.data.length;
  }
  const bytes = new Uint8Array(total);
  let offset = 0;
  const packed = glitches.map((glitch) =>
    glitch.windows.map((window): PackedWindow => {
      const at = offset;
      bytes.set(window.data, at);
      offset += window.data.length;
      return { slot: window.slot, offset: at, length: window.data.length };
    }),
  );
  return { id, glitches: packed, bytes };
}
