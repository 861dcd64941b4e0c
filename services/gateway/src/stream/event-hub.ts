import type { LogEvent, LogEventKind } from './events.js';

export interface LiveListener {
  readonly kinds: ReadonlySet<LogEventKind>;
  onEvent(event: LogEvent): void;
  /** Many map positions changed at once: read the map anew. */
  onMapChanged?(): void;
}

/**
 * Where the one reader of the log meets all live subscribers. Positions tell how
 * far it has read; a subscriber joins when its own position is no further back.
 */
export class EventHub {
  private readonly listeners = new Set<LiveListener>();
  private readonly next = new Map<string, bigint[]>();

  get size(): number {
    return this.listeners.size;
  }

  /** @param starts per topic, how many partitions and where reading begins. */
  open(topic: string, starts: readonly bigint[]): void {
    this.next.set(topic, [...starts]);
  }

  positions(topics: readonly string[]): Map<string, readonly bigint[]> {
    return new Map(topics.map((topic) => [topic, [...(this.next.get(topic) ?? [])]]));
  }

  advance(topic: string, partition: number, nextOffset: bigint): void {
    const offsets = this.next.get(topic);
    if (offsets !== undefined) offsets[partition] = nextOffset;
  }

  publish(event: LogEvent): void {
    for (const listener of this.listeners) {
      if (listener.kinds.has(event.kind)) listener.onEvent(event);
    }
  }

  /** Also to those who joined since: they may have read the map just before it changed. */
  publishMapChanged(): void {
    for (const listener of this.listeners) listener.onMapChanged?.();
  }

  /** Returns the way out. */
  join(listener: LiveListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
