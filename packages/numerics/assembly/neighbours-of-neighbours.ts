import { holds, keyOf, offer, sortHeap } from './nearest-heap';

/**
 * Writes the `width` nearest positions of each list of positions [from, to), nearest
 * first, 2^32 - 1 where there is none.
 *
 * @param heaps, size see nearest-heap; left as they are. @param nearest uint32, by position.
 * @param scratch `size` keys, this thread's own.
 */
export function snapshotNearest(
  heaps: usize,
  size: u32,
  nearest: usize,
  width: u32,
  from: u32,
  to: u32,
  scratch: usize,
): void {
  for (let p = from; p < to; p++) {
    memory.copy(scratch, heaps + <usize>p * size * 8, (<usize>size) << 3);
    sortHeap(scratch, size);
    const out = nearest + <usize>p * width * 4;
    for (let c: u32 = 0; c < width; c++) {
      store<u32>(out + ((<usize>c) << 2), load<u32>(scratch + ((<usize>c) << 3)));
    }
  }
}

/**
 * Offers each of positions [from, to) the neighbours of its neighbours, as the snapshot
 * has them, unless their leaves were compared already.
 *
 * @param packed, width, norms, heaps, size, worst, twice see compareLeaves.
 * @param nearest n x nearestWidth, see snapshotNearest.
 * @param compared leaves x leaves bits, row by row, rows of `comparedBytes` bytes.
 * @param leafShift log2 of the rows in a leaf.
 */
export function visitNeighboursOfNeighbours(
  packed: usize,
  width: u32,
  norms: usize,
  heaps: usize,
  size: u32,
  worst: usize,
  twice: f32,
  nearest: usize,
  nearestWidth: u32,
  compared: usize,
  comparedBytes: u32,
  leafShift: u32,
  from: u32,
  to: u32,
): void {
  const stride = (<usize>nearestWidth) << 2;
  for (let p = from; p < to; p++) {
    const row = compared + <usize>(p >> leafShift) * comparedBytes;
    const heap = heaps + <usize>p * size * 8;
    const near = nearest + <usize>p * stride;
    for (let a = near; a < near + stride; a += 4) {
      const via = load<u32>(a);
      if (via === u32.MAX_VALUE) break;
      const theirs = nearest + <usize>via * stride;
      for (let b = theirs; b < theirs + stride; b += 4) {
        const other = load<u32>(b);
        if (other === u32.MAX_VALUE) break;
        const leaf = other >> leafShift;
        if (load<u8>(row + (leaf >> 3)) & ((<u8>1) << (<u8>(leaf & 7)))) continue;
        const d = distanceOf(packed, width, norms, twice, p, other);
        if (!(d <= load<f32>(worst + ((<usize>p) << 2)))) continue;
        if (!holds(heap, size, other)) offer(heaps, size, worst, p, keyOf(d, other));
      }
    }
  }
}

/** As in compareLeaves, of two positions. */
function distanceOf(packed: usize, width: u32, norms: usize, twice: f32, p: u32, other: u32): f32 {
  const group = (<usize>width) << 3;
  const ours = packed + <usize>(p >> 2) * group + <usize>((p & 3) << 2);
  const theirs = packed + <usize>(other >> 2) * group + <usize>((other & 3) << 2);
  let sums = i32x4.splat(0);
  for (let j: usize = 0; j < group; j += 16) {
    const x = v128.load32_zero(ours + j);
    sums = i32x4.add(sums, i32x4.dot_i16x8_s(x, v128.load32_zero(theirs + j)));
  }
  const product = <f32>i32x4.extract_lane(sums, 0);
  const sum = load<f32>(norms + ((<usize>p) << 2)) + load<f32>(norms + ((<usize>other) << 2));
  return max<f32>(0, sum - product * twice);
}
