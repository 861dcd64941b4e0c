/** A seeded stream of numbers. The same seed gives the same stream on every machine. */
export interface Rng {
  /** Uniform in [0, 1), 32 random bits. */
  nextFloat(): number;
  /** Uniform whole number in [0, bound); bound in 1 ... 2^32. */
  nextInt(bound: number): number;
  /** Uniform over all 32-bit integers, -2^31 ... 2^31 - 1. */
  nextInt32(): number;
  /** Standard normal deviate (Marsaglia's polar method). */
  nextNormal(): number;
}

/**
 * Random generator xoshiro128** (Blackman and Vigna, "Scrambled linear
 * pseudorandom number generators", 2021), its state filled by splitmix32.
 *
 * @param seed any finite number; its integer part modulo 2^53 is used, so 1 and
 *   1 + 2^32 give different streams.
 */
export function createRng(seed: number): Rng {
  const whole = Math.abs(Math.trunc(seed)) % 2 ** 53;
  let mix = ((whole % 2 ** 32) | 0) ^ Math.imul(Math.floor(whole / 2 ** 32) | 0, 0x9e3779b1);
  if (seed < 0) mix = ~mix;
  const splitmix = (): number => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = mix ^ (mix >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let s0 = splitmix();
  let s1 = splitmix();
  let s2 = splitmix();
  let s3 = splitmix();
  let spare: number | undefined;

  const nextInt32 = (): number => {
    const times5 = Math.imul(s1, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9);
    const t = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = (s3 << 11) | (s3 >>> 21);
    return result;
  };
  const nextFloat = (): number => (nextInt32() >>> 0) / 2 ** 32;
  const nextInt = (bound: number): number => {
    // Values from the last, incomplete run of `bound` would favour small results.
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const value = nextInt32() >>> 0;
      if (value < limit) return value % bound;
    }
  };
  const nextNormal = (): number => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const u = 2 * nextFloat() - 1;
      const v = 2 * nextFloat() - 1;
      const s = u * u + v * v;
      if (s >= 1 || s === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(s)) / s);
      spare = v * scale;
      return u * scale;
    }
  };
  return { nextFloat, nextInt, nextInt32, nextNormal };
}
