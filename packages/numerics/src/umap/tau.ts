/** 32-bit words per generator: three 64-bit states, low word first. */
export const TAU_WORDS = 6;

/**
 * Fills one tau generator (combined Tausworthe, L'Ecuyer 1996) per vertex, as
 * umap-learn seeds them: each 64-bit state is a shared word plus the bits of the
 * vertex's first coordinate as float64. A vertex's stream so depends on its own
 * start only, not on its row number or neighbours.
 *
 * @param seeds three shared 32-bit integers.
 * @param starts n x dim start positions; column 0 is read.
 */
export function seedTau(seeds: ArrayLike<number>, starts: Float32Array, dim: number): Int32Array {
  const n = starts.length / dim;
  const states = new Int32Array(n * TAU_WORDS);
  const float = new Float64Array(1);
  const words = new Int32Array(float.buffer);
  for (let i = 0; i < n; i++) {
    float[0] = starts[i * dim]!;
    const lowBits = words[0]! >>> 0;
    const highBits = words[1]!;
    for (let s = 0; s < 3; s++) {
      const seed = seeds[s]! | 0;
      const low = (seed >>> 0) + lowBits;
      const carry = low >= 2 ** 32 ? 1 : 0;
      states[i * TAU_WORDS + 2 * s] = low | 0;
      states[i * TAU_WORDS + 2 * s + 1] = (seed < 0 ? -1 : 0) + highBits + carry;
    }
  }
  return states;
}

/**
 * Next 32-bit integer of the generator at `at` (a multiple of TAU_WORDS). The high
 * words matter for the first draws only, where they shift into the low ones, and
 * for the sign that a negative state keeps.
 */
export function nextTau(states: Int32Array, at: number): number {
  let low = states[at]!;
  let high = states[at + 1]!;
  const a = ((low & -2) << 12) ^ ((((low << 13) ^ low) >>> 19) | (high << 13));
  states[at] = a;
  states[at + 1] = high >> 19;
  low = states[at + 2]!;
  high = states[at + 3]!;
  const b = ((low & -8) << 4) ^ ((((low << 2) ^ low) >>> 25) | (high << 7));
  states[at + 2] = b;
  states[at + 3] = high >> 25;
  low = states[at + 4]!;
  high = states[at + 5]!;
  const c = ((low & -16) << 17) ^ ((((low << 3) ^ low) >>> 11) | (high << 21));
  states[at + 4] = c;
  states[at + 5] = high >> 11;
  return a ^ b ^ c;
}
