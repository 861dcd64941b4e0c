/** Counts events over a sliding time, in a fixed ring of buckets. */
export class RateWindow {
  private readonly counts: Uint32Array;
  private readonly stamps: Float64Array;

  constructor(
    private readonly bucketMs: number,
    nBuckets: number,
  ) {
    this.counts = new Uint32Array(nBuckets);
    this.stamps = new Float64Array(nBuckets).fill(-1);
  }

  add(atMs: number): void {
    const stamp = Math.floor(atMs / this.bucketMs);
    const slot = stamp % this.counts.length;
    // A late event must not clear a bucket that has moved on.
    if (stamp < this.stamps[slot]!) return;
    if (this.stamps[slot] !== stamp) {
      this.stamps[slot] = stamp;
      this.counts[slot] = 0;
    }
    this.counts[slot]! += 1;
  }

  /** Takes back what `add` counted, unless time has done so. */
  remove(atMs: number): void {
    const stamp = Math.floor(atMs / this.bucketMs);
    const slot = stamp % this.counts.length;
    if (this.stamps[slot] === stamp && this.counts[slot]! > 0) this.counts[slot]! -= 1;
  }

  /** Events within the last `overMs`, to the precision of one bucket. */
  count(nowMs: number, overMs: number): number {
    const newest = Math.floor(nowMs / this.bucketMs);
    const oldest = newest - Math.ceil(overMs / this.bucketMs);
    let sum = 0;
    for (let i = 0; i < this.counts.length; i++) {
      const stamp = this.stamps[i]!;
      if (stamp > oldest && stamp <= newest) sum += this.counts[i]!;
    }
    return sum;
  }
}
