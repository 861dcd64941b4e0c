/**
 * Arrays that another thread takes up without a copy, and that weigh nothing to its collector:
 * a hundred megabytes more at once make V8 collect in full, which stops live work for
 * thirty milliseconds.
 */
export function sharedFloat32(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(4 * length));
}

export function inSharedMemory(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}
