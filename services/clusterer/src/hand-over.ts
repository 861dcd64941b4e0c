/**
 * The buffers of all typed arrays in a message between threads, to be handed over with
 * it instead of copied: the receiving thread takes no time for them. Arrays that show
 * part of a buffer are left out, for the rest of it is somebody else's; so is shared memory.
 */
export function wholeBuffersOf(message: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const visit = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) {
      const { buffer } = value;
      if (buffer instanceof ArrayBuffer && buffer.byteLength === value.byteLength)
        found.add(buffer);
    } else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      Object.values(value).forEach(visit);
    }
  };
  visit(message);
  return [...found];
}
