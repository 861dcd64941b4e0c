import { createRng, type Rng } from '@glitchwatch/numerics';

export interface MadeEmbeddings {
  readonly rows: number;
  readonly dimension: number;
  /** Row-major, unit length. */
  readonly vectors: Float32Array;
  /** Of each row, -1 for one of no kind. */
  readonly kindOfRow: Int16Array;
}

export interface EmbeddingChoice {
  readonly dimension: number;
  readonly kinds: number;
  readonly seed: number;
}

/** Freedom within a kind. */
const FREEDOM = 3;
const BACKGROUND_SHARE = 0.06;
const NOISE = 0.25;

/**
 * Embeddings of made-up kinds: bent three-dimensional sheets on the sphere of many sizes
 * (Zipf), noise on them, and some rows of no kind. Seeded; row i does not depend on how
 * many are made.
 */
export function makeEmbeddings(
  rows: number,
  { dimension, kinds: nKinds, seed }: EmbeddingChoice,
): MadeEmbeddings {
  const rng = createRng(seed);
  const kinds = Array.from({ length: nKinds }, () => newKind(rng, dimension));
  const shares = kinds.map((_, kind) => 1 / (kind + 2));
  const total = shares.reduce((sum, share) => sum + share, 0);
  const vectors = new Float32Array(rows * dimension);
  const kindOfRow = new Int16Array(rows).fill(-1);
  for (let row = 0; row < rows; row++) {
    const into = vectors.subarray(row * dimension, (row + 1) * dimension);
    if (rng.nextFloat() < BACKGROUND_SHARE) into.set(direction(rng, dimension));
    else {
      const kind = pick(rng, shares, total);
      kindOfRow[row] = kind;
      draw(rng, kinds[kind]!, into);
    }
    normalise(into);
  }
  return { rows, dimension, vectors, kindOfRow };
}

interface Kind {
  readonly centre: Float32Array;
  readonly axes: readonly Float32Array[];
  readonly bends: readonly Float32Array[];
}

function newKind(rng: Rng, dimension: number): Kind {
  const several = () => Array.from({ length: FREEDOM }, () => direction(rng, dimension));
  return { centre: direction(rng, dimension), axes: several(), bends: several() };
}

function draw(rng: Rng, { centre, axes, bends }: Kind, into: Float32Array): void {
  const noise = direction(rng, into.length);
  into.set(centre);
  for (let axis = 0; axis < FREEDOM; axis++) {
    const along = 0.35 * rng.nextNormal();
    for (let i = 0; i < into.length; i++)
      into[i]! += along * axes[axis]![i]! + along * along * bends[axis]![i]!;
  }
  for (let i = 0; i < into.length; i++) into[i]! += NOISE * noise[i]!;
}

function pick(rng: Rng, shares: readonly number[], total: number): number {
  let left = rng.nextFloat() * total;
  for (const [kind, share] of shares.entries()) {
    left -= share;
    if (left < 0) return kind;
  }
  return shares.length - 1;
}

function direction(rng: Rng, dimension: number): Float32Array {
  const vector = Float32Array.from({ length: dimension }, () => rng.nextNormal());
  normalise(vector);
  return vector;
}

function normalise(vector: Float32Array): void {
  let squared = 0;
  for (const value of vector) squared += value * value;
  const length = Math.sqrt(squared);
  for (let i = 0; i < vector.length; i++) vector[i]! /= length;
}
