import type { RecordPosition } from '@glitchwatch/event-log';
import type { StateStore } from '@glitchwatch/state-store';

const NAMESPACE = 'ingest';
const CURSOR_KEY = 'triggers-cursor';

/** Next offset by partition: every record below it is in the dedupe window. */
export type Offsets = ReadonlyMap<number, bigint>;

export interface StoredCursor {
  /** Counts logs: a log that was replaced by a shorter one invalidates what was seen. */
  readonly generation: number;
  readonly next: Offsets;
}

export const emptyCursor: StoredCursor = { generation: 0, next: new Map() };

/** Keys of different logs never meet. */
export function dedupeKey(generation: number, glitchId: string): string {
  return `${NAMESPACE}/${generation}/${glitchId}`;
}

/** Undefined where the store is new, or has lost everything. */
export async function loadCursor(state: StateStore): Promise<StoredCursor | undefined> {
  const bytes = await state.values.get(NAMESPACE, CURSOR_KEY);
  if (bytes === undefined) return undefined;
  const stored = JSON.parse(Buffer.from(bytes).toString('utf8')) as {
    generation: number;
    next: Record<string, string>;
  };
  const next = Object.entries(stored.next).map(
    ([key, value]) => [Number(key), BigInt(value)] as const,
  );
  return { generation: stored.generation, next: new Map(next) };
}

export async function storeCursor(state: StateStore, cursor: StoredCursor): Promise<void> {
  const entries = [...cursor.next].map(([partition, offset]) => [
    String(partition),
    offset.toString(),
  ]);
  const text = JSON.stringify({
    generation: cursor.generation,
    next: Object.fromEntries(entries),
  });
  await state.values.set(NAMESPACE, CURSOR_KEY, Buffer.from(text));
}

/** Does `offsets` lie before `reference` in any partition? */
export function isBehind(offsets: Offsets, reference: Offsets): boolean {
  return [...reference].some(([partition, next]) => (offsets.get(partition) ?? 0n) < next);
}

/**
 * The cursor as this process moves it. Appends end in any order and other processes
 * write to the same partitions: what lies beyond a gap waits until the gap fills.
 */
export class MovingCursor {
  readonly generation: number;
  readonly #next: Map<number, bigint>;
  readonly #ahead = new Map<number, Set<bigint>>();

  constructor({ generation, next }: StoredCursor) {
    this.generation = generation;
    this.#next = new Map(next);
  }

  get next(): Offsets {
    return this.#next;
  }

  /** Positions that wait behind a gap. */
  get waiting(): number {
    let sum = 0;
    for (const positions of this.#ahead.values()) sum += positions.size;
    return sum;
  }

  add({ partition, offset }: RecordPosition): void {
    const next = this.#next.get(partition) ?? 0n;
    if (offset < next) return;
    const waiting = this.#ahead.get(partition) ?? new Set<bigint>();
    this.#ahead.set(partition, waiting);
    waiting.add(offset);
    this.#close(partition, next);
  }

  /** Somebody has put everything before these offsets into the window. */
  moveTo(offsets: Offsets): void {
    for (const [partition, offset] of offsets) {
      const next = this.#next.get(partition) ?? 0n;
      if (offset <= next) continue;
      for (const waiting of this.#ahead.get(partition) ?? [])
        if (waiting < offset) this.#ahead.get(partition)?.delete(waiting);
      this.#close(partition, offset);
    }
  }

  stored(): StoredCursor {
    return { generation: this.generation, next: new Map(this.#next) };
  }

  #close(partition: number, from: bigint): void {
    const waiting = this.#ahead.get(partition);
    let end = from;
    while (waiting?.delete(end) === true) end += 1n;
    this.#next.set(partition, end);
  }
}
