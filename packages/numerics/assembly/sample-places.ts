/**
 * Copies `count` of the places (x, y as float32), every `step`-th from number `first` on, to
 * `pool`: few enough to stay in the cache, where all of them would not.
 */
export function samplePlaces(step: u32, count: u32, first: u32, places: usize, pool: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const from = places + ((<usize>(first + i * step)) << 3);
    store<u64>(pool + ((<usize>i) << 3), load<u64>(from));
  }
}
