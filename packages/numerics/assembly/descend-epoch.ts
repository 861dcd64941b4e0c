/** Cells of a table of coefficients, see descendEpoch. */
const CELLS: i32 = 2560;
/** Cell of a float32 by its upper 15 bits, 64 cells from one power of two to the next. */
const SHIFT: i32 = 17;
/** Bits of 2^-24: smaller squared distances share the first cell. */
const FIRST: i32 = (127 - 24) << 6;
/** Knuth's MMIX: 6364136223846793005 and 1442695040888963407. */
const MULTIPLIER: u64 = ((<u64>0x5851f42d) << 32) | 0x4c957f2d;
const INCREMENT: u64 = ((<u64>0x14057b7e) << 32) | 0xf767814f;

/**
 * One epoch of a part's stochastic gradient descent (McInnes et al. 2018, algorithm 5) in
 * a plane, for the heads [from, to) among its own vertices, which are the `owned` from `own`
 * on, behind the last the first again. Where an edge is due, its pull and its pushes are all
 * taken from the head's place before the step:
 *
 *   head += alpha * (k * clip(attract(d^2) * (head - tail)) + sum clip(repel(d^2) * (head - drawn)))
 *
 * clip to +-4. A tail among the part's own vertices moves by the opposite of its
 * pull and k is 1; another part's tail stays, k is 2, and the edge's mirror image does the
 * like there. Coefficients come from tables by the bits of the float32 d^2.
 *
 * @param offsets n + 1 uint32: edges of a head; @param tails uint32 by edge;
 * @param every float32: epochs between pulls; @param due float32: epoch of the next pull,
 *   with room for 3 edges more: they are looked at by fours.
 * @param pooled places in a part's pool, see below. @param rate draws from it per pull, see pushesOf.
 * @param places n x 2 float32: this part's own copy; own vertices live, others of the last epoch.
 * @param tables 2 x CELLS float32: attraction, then repulsion, each at the middle of a cell.
 * @param pool pooled x 2 float32: where others are drawn from, `places` itself or samplePlaces' of it.
 * @param random one uint64: this part's generator.
 */
export function descendEpoch(
  offsets: usize,
  tails: usize,
  every: usize,
  due: usize,
  pooled: u32,
  tables: usize,
  rate: u32,
  epoch: f32,
  alpha: f32,
  n: u32,
  from: u32,
  to: u32,
  own: u32,
  owned: u32,
  places: usize,
  pool: usize,
  random: usize,
): void {
  let state = load<u64>(random);
  const now = f32x4.splat(epoch);
  for (let head = from; head < to; head++) {
    const first = load<u32>(offsets + ((<usize>head) << 2));
    const last = load<u32>(offsets + ((<usize>head) << 2), 4);
    for (let e = first; e < last; e += 4) {
      let mask = <u32>i32x4.bitmask(f32x4.le(v128.load(due + ((<usize>e) << 2)), now));
      if (last - e < 4) mask &= (1 << (last - e)) - 1;
      for (; mask !== 0; mask &= mask - 1) {
        const edge = (<usize>(e + ctz(mask))) << 2;
        const interval = load<f32>(every + edge);
        const pushes = pushesOf(load<f32>(due + edge), interval, epoch, <f32>rate);
        store<f32>(due + edge, load<f32>(due + edge) + interval);
        const tail = load<u32>(tails + edge);
        const isOwn = (tail >= own ? tail - own : tail + n - own) < owned;
        state = step(places, head, tail, isOwn, pool, pooled, tables, pushes, alpha, state);
      }
    }
  }
  store<u64>(random, state);
}

/**
 * How many pushes go with a pull, counted as umap-learn does: after the pull of epoch t an
 * edge has pushed trunc(rate * t / interval) - 1 times. So the first pull has one less.
 */
function pushesOf(due: f32, interval: f32, epoch: f32, rate: f32): u32 {
  const before = Mathf.floor((rate * Mathf.ceil(due - interval)) / interval);
  const after = Mathf.floor((rate * epoch) / interval);
  return <u32>max<f32>(after - max<f32>(before, 1), 0);
}

/** One pull and its pushes; returns the generator's state. */
function step(
  places: usize,
  head: u32,
  tail: u32,
  isOwn: bool,
  pool: usize,
  pooled: u32,
  tables: usize,
  pushes: u32,
  alpha: f32,
  state: u64,
): u64 {
  const at = places + ((<usize>head) << 3);
  const here = v128.load64_splat(at);
  const tailAt = places + ((<usize>tail) << 3);
  // The tail and the first drawn place, then drawn places by twos.
  let other = at;
  if (pushes > 0) {
    state = next(state);
    other = pool + (drawn(state, pooled) << 3);
  }
  const repel = tables + ((<usize>CELLS) << 2);
  const pulled = gradient(here, tailAt, other, tables, repel);
  let sum = i32x4.splat(0);
  for (let r: u32 = 1; r < pushes; r += 2) {
    state = next(state);
    other = pool + (drawn(state, pooled) << 3);
    let second = at;
    if (r + 1 < pushes) {
      state = next(state);
      second = pool + (drawn(state, pooled) << 3);
    }
    sum = f32x4.add(sum, gradient(here, other, second, repel, repel));
  }
  const pull = f32x4.mul(pulled, isOwn ? f32x4(1, 1, 1, 1) : f32x4(2, 2, 1, 1));
  const both = f32x4.add(sum, pull);
  const total = f32x4.add(both, v128.shuffle<f32>(both, both, 2, 3, 0, 1));
  const rates = f32x4.splat(alpha);
  v128.store64_lane(at, f32x4.add(here, f32x4.mul(rates, total)), 0);
  if (isOwn) {
    const there = v128.load64_zero(tailAt);
    v128.store64_lane(tailAt, f32x4.sub(there, f32x4.mul(rates, pulled)), 0);
  }
  return state;
}

/** Clipped steps from two others, (x, y) of the first and (x, y) of the second. */
function gradient(here: v128, first: usize, second: usize, ofFirst: usize, ofSecond: usize): v128 {
  const others = v128.load64_lane(second, v128.load64_zero(first), 1);
  const delta = f32x4.sub(here, others);
  const squares = f32x4.mul(delta, delta);
  const squared = f32x4.add(squares, v128.shuffle<f32>(squares, squares, 1, 0, 3, 2));
  const cell = i32x4.max_s(
    i32x4.min_s(i32x4.sub(i32x4.shr_u(squared, SHIFT), i32x4.splat(FIRST)), i32x4.splat(CELLS - 1)),
    i32x4.splat(0),
  );
  const a = v128.load32_splat(ofFirst + ((<usize>i32x4.extract_lane(cell, 0)) << 2));
  const b = v128.load32_splat(ofSecond + ((<usize>i32x4.extract_lane(cell, 2)) << 2));
  const steps = f32x4.mul(v128.shuffle<f32>(a, b, 0, 1, 4, 5), delta);
  return f32x4.pmax(f32x4.pmin(steps, f32x4.splat(4)), f32x4.splat(-4));
}

/** A linear congruential generator of 64 bits; its upper half is used. */
function next(state: u64): u64 {
  return state * MULTIPLIER + INCREMENT;
}

function drawn(state: u64, pooled: u32): usize {
  return <usize>(((state >> 32) * pooled) >> 32);
}
