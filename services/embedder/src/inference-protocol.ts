import type { GlitchInput, HiddenTile } from './glitch-input.js';
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

/** Slice of `bytes` that holds one encoded window. */
export interface PackedWindow {
  readonly slot: number;
  readonly offset: number;
  readonly length: number;
}

export interface PackedGlitch {
  readonly windows: readonly PackedWindow[];
  readonly hidden: HiddenTile | undefined;
}

/** A batch on its way to the worker; `bytes` is transferred, not copied. */
export interface InferenceRequest {
  readonly id: number;
  readonly glitches: readonly PackedGlitch[];
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

/**
 * Copies the encoded windows of a batch, once, into one buffer to be transferred.
 * Windows that several of its glitches share (one glitch with various tiles hidden)
 * lie there once, at the same offset.
 */
export function packBatch(id: number, glitches: readonly GlitchInput[]): InferenceRequest {
  const offsets = new Map<Uint8Array, number>();
  let total = 0;
  for (const { windows } of glitches) {
    for (const { data } of windows) {
      if (offsets.has(data)) continue;
      offsets.set(data, total);
      total += data.length;
    }
  }
  const bytes = new Uint8Array(total);
  for (const [data, offset] of offsets) bytes.set(data, offset);
  const packed = glitches.map(({ windows, hidden }): PackedGlitch => {
    const places = windows.map(({ slot, data }): PackedWindow => {
      return { slot, offset: offsets.get(data) ?? 0, length: data.length };
    });
    return { windows: places, hidden };
  });
  return { id, glitches: packed, bytes };
}
