import type { Trigger } from '@glitchwatch/proto';

type NumericFact = 'peakFrequencyHz' | 'bandwidthHz' | 'durationSec' | 'snr';

/** The values of a fact over the triggers that state it, ascending. */
export function statedValues(triggers: readonly Trigger[], fact: NumericFact): Float64Array {
  const values: number[] = [];
  for (const trigger of triggers) {
    const value = trigger[fact];
    if (value !== undefined && Number.isFinite(value)) values.push(value);
  }
  return Float64Array.from(values).sort();
}

/** Undefined for no values. */
export function medianOf(sorted: Float64Array): number | undefined {
  const n = sorted.length;
  return n === 0 ? undefined : (sorted[(n - 1) >> 1]! + sorted[n >> 1]!) / 2;
}

/** How often each non-empty answer comes, in alphabetic order. */
export function countBy(
  triggers: readonly Trigger[],
  answer: (trigger: Trigger) => string,
): Record<string, bigint> {
  const counts = new Map<string, bigint>();
  for (const trigger of triggers) {
    const key = answer(trigger);
    if (key !== '') counts.set(key, (counts.get(key) ?? 0n) + 1n);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
