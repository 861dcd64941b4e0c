/**
 * x[j] = sum_k X[k] exp(+2 pi i j k / n), no 1/n, in place, X[k] at the bit-reversed index
 * of k: two radix-2 passes in one sweep over memory, two values at a time from the passes
 * that join halves of two on. Twin: inverseFromBitReversed, the same to the last bit.
 *
 * @param re n float64
 * @param im n float64
 * @param n a power of two
 * @param cos float64, cos(pi k / h) at offset h + k, as far as h = n / 2
 * @param sin likewise
 */
export function inverseFft(re: usize, im: usize, n: u32, cos: usize, sin: usize): void {
  let h: u32 = 1;
  if ((31 - clz(n)) % 2 === 1) {
    joinPairs(re, n);
    joinPairs(im, n);
    h = 2;
  } else if (n > 1) {
    for (let start: u32 = 0; start < n; start += 4)
      joinFour(re + 8 * start, im + 8 * start, cos, sin);
    h = 4;
  }
  for (; h < n; h *= 4) {
    for (let start: u32 = 0; start < n; start += 4 * h) {
      joinQuarters(re + 8 * start, im + 8 * start, h, cos, sin);
    }
  }
}

/** A lone pass over neighbours, without twiddles. */
function joinPairs(at: usize, n: u32): void {
  for (let i: usize = 0; i < 8 * n; i += 16) {
    const a = load<f64>(at + i);
    const b = load<f64>(at + i + 8);
    store<f64>(at + i, a + b);
    store<f64>(at + i + 8, a - b);
  }
}

/** Two passes over four values, one by one. */
function joinFour(re: usize, im: usize, cos: usize, sin: usize): void {
  const c1 = load<f64>(cos, 8);
  const s1 = load<f64>(sin, 8);
  const c2 = load<f64>(cos, 16);
  const s2 = load<f64>(sin, 16);
  const br = load<f64>(re, 8) * c1 - load<f64>(im, 8) * s1;
  const bi = load<f64>(re, 8) * s1 + load<f64>(im, 8) * c1;
  const dr = load<f64>(re, 24) * c1 - load<f64>(im, 24) * s1;
  const di = load<f64>(re, 24) * s1 + load<f64>(im, 24) * c1;
  const a0r = load<f64>(re) + br;
  const a0i = load<f64>(im) + bi;
  const a1r = load<f64>(re) - br;
  const a1i = load<f64>(im) - bi;
  const c0r = load<f64>(re, 16) + dr;
  const c0i = load<f64>(im, 16) + di;
  const c1r = load<f64>(re, 16) - dr;
  const c1i = load<f64>(im, 16) - di;
  const tr = c0r * c2 - c0i * s2;
  const ti = c0r * s2 + c0i * c2;
  const ur = -(c1r * s2 + c1i * c2);
  const ui = c1r * c2 - c1i * s2;
  store<f64>(re, a0r + tr);
  store<f64>(im, a0i + ti);
  store<f64>(re, a0r - tr, 16);
  store<f64>(im, a0i - ti, 16);
  store<f64>(re, a1r + ur, 8);
  store<f64>(im, a1i + ui, 8);
  store<f64>(re, a1r - ur, 24);
  store<f64>(im, a1i - ui, 24);
}

/** Two passes over four stretches of h values each, h even. */
function joinQuarters(re: usize, im: usize, h: u32, cos: usize, sin: usize): void {
  const bytes: usize = 8 * h;
  for (let k: usize = 0; k < bytes; k += 16) {
    const c1 = v128.load(cos + bytes + k);
    const s1 = v128.load(sin + bytes + k);
    const c2 = v128.load(cos + 2 * bytes + k);
    const s2 = v128.load(sin + 2 * bytes + k);
    const ar = re + k;
    const ai = im + k;
    const b0 = v128.load(ar + bytes);
    const b1 = v128.load(ai + bytes);
    const d0 = v128.load(ar + 3 * bytes);
    const d1 = v128.load(ai + 3 * bytes);
    const br = f64x2.sub(f64x2.mul(b0, c1), f64x2.mul(b1, s1));
    const bi = f64x2.add(f64x2.mul(b0, s1), f64x2.mul(b1, c1));
    const dr = f64x2.sub(f64x2.mul(d0, c1), f64x2.mul(d1, s1));
    const di = f64x2.add(f64x2.mul(d0, s1), f64x2.mul(d1, c1));
    const a0 = v128.load(ar);
    const a1 = v128.load(ai);
    const e0 = v128.load(ar + 2 * bytes);
    const e1 = v128.load(ai + 2 * bytes);
    const a0r = f64x2.add(a0, br);
    const a0i = f64x2.add(a1, bi);
    const a1r = f64x2.sub(a0, br);
    const a1i = f64x2.sub(a1, bi);
    const c0r = f64x2.add(e0, dr);
    const c0i = f64x2.add(e1, di);
    const c1r = f64x2.sub(e0, dr);
    const c1i = f64x2.sub(e1, di);
    const tr = f64x2.sub(f64x2.mul(c0r, c2), f64x2.mul(c0i, s2));
    const ti = f64x2.add(f64x2.mul(c0r, s2), f64x2.mul(c0i, c2));
    const ur = f64x2.neg(f64x2.add(f64x2.mul(c1r, s2), f64x2.mul(c1i, c2)));
    const ui = f64x2.sub(f64x2.mul(c1r, c2), f64x2.mul(c1i, s2));
    v128.store(ar, f64x2.add(a0r, tr));
    v128.store(ai, f64x2.add(a0i, ti));
    v128.store(ar + 2 * bytes, f64x2.sub(a0r, tr));
    v128.store(ai + 2 * bytes, f64x2.sub(a0i, ti));
    v128.store(ar + bytes, f64x2.add(a1r, ur));
    v128.store(ai + bytes, f64x2.add(a1i, ui));
    v128.store(ar + 3 * bytes, f64x2.sub(a1r, ur));
    v128.store(ai + 3 * bytes, f64x2.sub(a1i, ui));
  }
}
