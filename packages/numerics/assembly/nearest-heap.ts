/**
 * Bounded lists of the nearest: `size` keys of 64 bits per position, a binary heap with the
 * greatest first. A key is the bits of a float32 distance >= 0 above the position of the
 * neighbour, so keys compare as (distance, position) and the list does not depend on the
 * order of the offers. An empty place holds infinity and position 2^32 - 1.
 */
export function offer(heaps: usize, size: u32, worst: usize, position: u32, key: u64): void {
  const heap = heaps + <usize>position * size * 8;
  if (key >= load<u64>(heap)) return;
  siftDown(heap, 0, size, key);
  store<f32>(worst + ((<usize>position) << 2), reinterpret<f32>(<u32>(load<u64>(heap) >> 32)));
}

export function keyOf(distance: f32, position: u32): u64 {
  return ((<u64>reinterpret<u32>(distance)) << 32) | position;
}

/** Puts `key` in place `at` or below, where the heap of `size` keys wants it. */
export function siftDown(heap: usize, at: u32, size: u32, key: u64): void {
  for (;;) {
    let child: u32 = 2 * at + 1;
    if (child >= size) break;
    let below = load<u64>(heap + ((<usize>child) << 3));
    if (child + 1 < size) {
      const other = load<u64>(heap + ((<usize>child) << 3), 8);
      if (other > below) {
        below = other;
        child++;
      }
    }
    if (below <= key) break;
    store<u64>(heap + ((<usize>at) << 3), below);
    at = child;
  }
  store<u64>(heap + ((<usize>at) << 3), key);
}

/** Sorts a heap of `size` keys, nearest first; it is no heap afterwards. */
export function sortHeap(heap: usize, size: u32): void {
  for (let end = size - 1; end > 0; end--) {
    const last = load<u64>(heap + ((<usize>end) << 3));
    store<u64>(heap + ((<usize>end) << 3), load<u64>(heap));
    siftDown(heap, 0, end, last);
  }
}

/** Whether a list holds `position`. */
export function holds(heap: usize, size: u32, position: u32): bool {
  for (let at = heap, end = heap + ((<usize>size) << 3); at < end; at += 8) {
    if (load<u32>(at) === position) return true;
  }
  return false;
}
