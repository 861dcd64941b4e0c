import type { GlitchInput } from '../glitch-input.js';
import type { UnpackedWindow } from '../inference-protocol.js';

/** Slice of a request's `bytes` that holds one encoded window. */
export interface PackedWindow {
  readonly slot: number;
  readonly offset: number;
  readonly length: number;
}

/** A batch on its way to the thread; `bytes` is transferred, not copied. */
export interface UnpackRequest {
  readonly id: number;
  readonly glitches: readonly (readonly PackedWindow[])[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Where a glitch's levels lie, or why it has none; and how long that took to find out. */
export type UnpackedRow = { readonly seconds: number } & (
  | { readonly kind: 'windows'; readonly windows: readonly UnpackedWindow[] }
  | { readonly kind: 'failed'; readonly reason: string }
);

export interface UnpackAnswer {
  readonly id: number;
  readonly levels: SharedArrayBuffer;
  /** One per glitch, in order. */
  readonly rows: readonly UnpackedRow[];
}

export interface UnpackSetup {
  readonly nFrequency: number;
  readonly nTime: number;
  readonly windowsSec: readonly number[];
}

/**
 * Copies the encoded windows of a batch, once, into one buffer to be transferred.
 * Windows that several of its glitches share (one glitch with various tiles hidden)
 * lie there once, at the same offset.
 */
export function packBatch(id: number, glitches: readonly GlitchInput[]): UnpackRequest {
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
  const packed = glitches.map(({ windows }) =>
    windows.map(({ slot, data }): PackedWindow => {
      return { slot, offset: offsets.get(data) ?? 0, length: data.length };
    }),
  );
  return { id, glitches: packed, bytes };
}
