import { createRng, type Matrix } from '@glitchwatch/numerics';

const FAMILIES = 40;

/** Rows like a network's features: curved sheets around some directions, none negative. */
export function featureSheets(rows: number, cols: number, seed: number): Matrix {
  const rng = createRng(seed);
  const directions = Array.from({ length: FAMILIES + 3 }, () =>
    Float64Array.from({ length: cols }, () => Math.abs(rng.nextNormal())),
  );
  const data = new Float32Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    const family = i % FAMILIES;
    const centre = directions[family]!;
    const [u, v, w] = [rng.nextNormal(), rng.nextNormal(), rng.nextNormal()];
    for (let c = 0; c < cols; c++) {
      const [a, b, d] = [1, 2, 3].map((k) => directions[family + k]?.[c] ?? 0) as [
        number,
        number,
        number,
      ];
      const value = centre[c]! + 0.15 * (u * a + v * b + w * d) + 0.1 * rng.nextNormal();
      data[i * cols + c] = Math.max(0, value);
    }
  }
  return { rows, cols, data };
}
