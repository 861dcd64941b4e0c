import { Stretch } from './stretch.js';

/** Between ids in one string, of a message or a snapshot: no id holds one. */
export const ID_SEPARATOR = '\n';
const PER_STRING = 4_096;

/**
 * Ids on their way to another thread, many to a string: a message of tens of thousands of
 * strings holds up the thread that sends it for ten milliseconds. Packed in short stretches.
 */
export async function packIds(ids: readonly string[]): Promise<string[]> {
  const stretch = new Stretch();
  const packed: string[] = [];
  for (let from = 0; from < ids.length; from += PER_STRING) {
    await stretch.pause();
    packed.push(ids.slice(from, from + PER_STRING).join(ID_SEPARATOR));
  }
  return packed;
}

export function unpackIds(packed: readonly string[]): string[] {
  return packed.flatMap((ids) => ids.split(ID_SEPARATOR));
}
