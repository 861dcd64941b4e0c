import { setImmediate as nextTurn } from 'node:timers/promises';
import { createRng, type Rng } from '@glitchwatch/numerics';
import { createAdam } from './adam.js';
import { neighbourLoss } from './neighbour-loss.js';

export interface HeadOptions {
  readonly steps: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Told after each step. */
  readonly onStep?: (() => void) | undefined;
}

/** A square matrix, row by row; it multiplies column vectors from the left. */
export interface Head {
  readonly dimension: number;
  readonly matrix: Float64Array;
}

const LEARNING_RATE = 1e-3;
/** Of the softmax over cosines; 0.03 to 0.1 do as well within a glitch or two. */
const TEMPERATURE = 0.05;
/** Glitches of one step: with more, each step sees others, drawn anew. */
const MAX_BATCH = 256;

/**
 * Learns the matrix that makes a glitch's likely neighbours glitches of its label:
 * neighbourhood components analysis (Goldberger et al. 2004) on cosines, from the
 * identity on, by Adam. Starting there and stopping after a hundred small steps is what
 * keeps the likenesses that no label speaks of.
 *
 * @param vectors unit vectors, one per glitch
 * @returns a pure function of vectors, labels, steps and seed
 */
export async function trainHead(
  vectors: readonly Float32Array[],
  labels: readonly string[],
  { steps, seed, signal, onStep }: HeadOptions,
): Promise<Head> {
  const dimension = vectors[0]?.length ?? 0;
  const matrix = identity(dimension);
  const gradient = new Float64Array(matrix.length);
  const adam = createAdam(matrix.length, LEARNING_RATE);
  const rng = createRng(seed);
  for (let step = 0; step < steps; step++) {
    signal.throwIfAborted();
    const chosen = draw(vectors.length, MAX_BATCH, rng);
    const rows = chosen.map((i) => vectors[i]!);
    const classes = chosen.map((i) => labels[i]!);
    neighbourLoss({ rows, labels: classes, matrix, temperature: TEMPERATURE }, gradient);
    adam.step(matrix, gradient);
    onStep?.();
    // Ctrl-C and the progress bar get their turn.
    await nextTurn();
  }
  return { dimension, matrix };
}

function identity(dimension: number): Float64Array {
  const matrix = new Float64Array(dimension * dimension);
  for (let i = 0; i < dimension; i++) matrix[i * dimension + i] = 1;
  return matrix;
}

/** All of them where they fit, else so many without repetition. */
function draw(count: number, atMost: number, rng: Rng): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  if (count <= atMost) return order;
  for (let i = 0; i < atMost; i++) {
    const j = i + rng.nextInt(count - i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order.slice(0, atMost);
}

/** Unit vectors through the head, each of length 1 again. */
export function projected(
  { dimension, matrix }: Head,
  vectors: readonly Float32Array[],
): Float32Array[] {
  return vectors.map((vector) => {
    const out = new Float64Array(dimension);
    let squares = 0;
    for (let row = 0; row < dimension; row++) {
      let sum = 0;
      for (let i = 0, at = row * dimension; i < dimension; i++, at++)
        sum += matrix[at]! * vector[i]!;
      out[row] = sum;
      squares += sum * sum;
    }
    return Float32Array.from(out, (value) => value / Math.sqrt(squares));
  });
}
