import type { Trigger } from '@glitchwatch/proto';
import { cosineDistance } from '../unit-vector.js';

/** A glitch as the novelty watch remembers it; owns its vector. */
export interface NovelGlitch {
  readonly glitchId: string;
  /** Unit length. */
  readonly vector: Float32Array;
  readonly trigger: Trigger;
  readonly ingestedAtMs: number;
  readonly mapX: number;
  readonly mapY: number;
  readonly toFamilies: FamilyDistances;
  /** How many live glitches had come by then; below 0 for one of the reference. */
  readonly arrival: number;
  /** Old when it was watched: part of a backlog. */
  readonly isLate: boolean;
}

/** Cosine distances to members of families under the active model, those in an open alert left out. */
export interface FamilyDistances {
  readonly nearest: number;
  /** To the nearest but so many that together they would be a group: a few alike are no family yet. */
  readonly group: number;
}

/** With thousands of members each newcomer, and each new model, would take seconds. */
const MAX_VOICES = 200;

/** The latest members of an alert speak for all. */
export function voicesOf<Member>(members: readonly Member[]): readonly Member[] {
  return members.slice(-MAX_VOICES);
}

/**
 * Two glitches hang together when they are this much nearer to one another than to what is
 * known. To found a group, a little: how many there are, and how soon, must do the rest. To
 * join one, much: nothing else keeps members of a family out.
 */
const CONTRAST: Readonly<Record<keyof FamilyDistances, number>> = { nearest: 0.85, group: 2 / 3 };

/**
 * Contrast instead of a distance: a family may be tight or wide, and a scattered
 * population says nothing about what is near. A glitch at the rim of its family has
 * members of it as near as its neighbours at the rim, so it hangs together with none.
 */
export function hangTogether(
  a: NovelGlitch,
  b: NovelGlitch,
  known: keyof FamilyDistances,
): boolean {
  return cosineDistance(a.vector, b.vector) < reachOf(a, b, known);
}

/** Nearer to one another than that they hang together. */
export function reachOf(a: NovelGlitch, b: NovelGlitch, known: keyof FamilyDistances): number {
  return CONTRAST[known] * Math.min(a.toFamilies[known], b.toFamilies[known]);
}

/** Whether what is `distance` away is much nearer than what else is known. */
export function belongsBefore(distance: number, toOthers: number): boolean {
  return distance < CONTRAST.group * toOthers;
}

/** The glitches that hang together with `seed`, step by step, without it, in the order given. */
export function connectedTo(seed: NovelGlitch, glitches: readonly NovelGlitch[]): NovelGlitch[] {
  const waiting = [seed];
  const left = new Set(glitches);
  left.delete(seed);
  const reached = new Set<NovelGlitch>();
  for (let from = waiting.pop(); from !== undefined; from = waiting.pop()) {
    for (const glitch of left) {
      if (!hangTogether(from, glitch, 'nearest')) continue;
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
