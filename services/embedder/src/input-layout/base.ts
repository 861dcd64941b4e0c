import type { Tensor } from 'onnxruntime-node';

/** A decoded window: the bytes of its grid, row 0 the highest frequency. */
export interface DecodedWindow {
  /** Index in the model's `windowsSec`. */
  readonly slot: number;
  readonly data: Uint8Array;
}

export interface TensorShape {
  readonly name: string;
  readonly type: 'float32' | 'uint8';
  /** Without the batch dimension. */
  readonly dims: readonly number[];
}

/**
 * Turns one glitch into the tensors of a network. The tensors belong to the
 * layout and are overwritten by the next glitch.
 */
export interface InputLayout {
  /** What the network must take in. */
  readonly inputs: readonly TensorShape[];
  /**
   * The runs, of batch size 1 each, that one glitch needs; the glitch's vector
   * is the normalised mean of their outputs. Never empty.
   */
  feeds(windows: readonly DecodedWindow[]): Iterable<Readonly<Record<string, Tensor>>>;
}
