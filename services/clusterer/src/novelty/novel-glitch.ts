import type { Trigger } from '@glitchwatch/proto';
import { cosineDistance } from '../unit-vector.js';

/** A glitch in no family, as the novelty watch remembers it; owns its vector. */
export interface NovelGlitch {
  readonly glitchId: string;
  /** Unit length. */
  readonly vector: Float32Array;
  readonly trigger: Trigger;
  readonly ingestedAtMs: number;
  readonly mapX: number;
  readonly mapY: number;
}

/** Cosine distance to the nearest of the glitches; infinite for none. */
export function distanceToNearest(vector: Float32Array, glitches: readonly NovelGlitch[]): number {
  let nearest = Number.POSITIVE_INFINITY;
  for (const glitch of glitches) nearest = Math.min(nearest, cosineDistance(vector, glitch.vector));
  return nearest;
}

/**
 * The glitches that hang together with `seeds` by steps of at most `threshold`,
 * without the seeds, in the order given.
 */
export function connectedTo(
  seeds: readonly NovelGlitch[],
  glitches: readonly NovelGlitch[],
  threshold: number,
): NovelGlitch[] {
  const waiting = [...seeds];
  const left = new Set(glitches);
  for (const seed of seeds) left.delete(seed);
  const reached = new Set<NovelGlitch>();
  for (let from = waiting.pop(); from !== undefined; from = waiting.pop()) {
    for (const glitch of left) {
      if (cosineDistance(from.vector, glitch.vector) > threshold) continue;
      left.delete(glitch);
      reached.add(glitch);
      waiting.push(glitch);
    }
  }
  return glitches.filter((glitch) => reached.has(glitch));
}

/**
 * The glitches from the most typical one (medoid) outwards. For unit vectors the
 * smallest mean cosine distance belongs to the largest product with their sum.
 */
export function byTypicality(glitches: readonly NovelGlitch[]): NovelGlitch[] {
  const sum = new Float64Array(glitches[0]?.vector.length ?? 0);
  for (const { vector } of glitches) for (let i = 0; i < sum.length; i++) sum[i]! += vector[i]!;
  let medoid = glitches[0];
  let best = Number.NEGATIVE_INFINITY;
  for (const glitch of glitches) {
    let product = 0;
    for (let i = 0; i < sum.length; i++) product += sum[i]! * glitch.vector[i]!;
    if (product > best) {
      best = product;
      medoid = glitch;
    }
  }
  if (medoid === undefined) return [];
  const centre = medoid;
  const distances = new Map(
    glitches.map((glitch) => [
      glitch,
      glitch === centre ? -1 : cosineDistance(centre.vector, glitch.vector),
    ]),
  );
  return [...glitches].sort((a, b) => distances.get(a)! - distances.get(b)!);
}
