/** `npm run test:faults` asks for the full form; inside `npm test` it is a shortened round. */
export const isFull = process.env.GLITCHWATCH_FAULTS === 'full';

export function scaled<Value>(full: Value, short: Value): Value {
  return isFull ? full : short;
}

/** Of every random choice here; printed with each outcome. */
export const seed = Number(process.env.GLITCHWATCH_FAULTS_SEED ?? '20150914');

/** Mulberry32: numbers of [0, 1) that a seed repeats. */
export function randomFrom(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
