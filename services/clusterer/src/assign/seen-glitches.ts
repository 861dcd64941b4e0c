import type { EventLog } from '@glitchwatch/event-log';
import { topics } from '@glitchwatch/proto';
import { recordsOf } from '../log-replay.js';

/**
 * Which glitches a partition has brought lately, and where each came first: so that an
 * embedding that stands on the log twice is assigned once. Read from the log when a
 * partition is taken over, so it does not matter who had it before.
 */
export class SeenGlitches {
  readonly #window: number;
  /** By glitch, in order of arrival. */
  readonly #firstOffsets = new Map<string, bigint>();

  constructor(window: number) {
    this.#window = window;
  }

  /** The last `window` records of the partition before `end`. */
  static async before(
    log: Pick<EventLog, 'offsets' | 'read'>,
    partition: number,
    end: bigint,
    window: number,
  ): Promise<SeenGlitches> {
    const seen = new SeenGlitches(window);
    const range = {
      from: new Map([[partition, end - BigInt(window)]]),
      to: new Map([[partition, end]]),
    };
    // The key is the glitch id. Poison counts too: at worst the leader answers for a later good one.
    for await (const { key, offset } of recordsOf(log, topics.embeddings, range))
      if (key !== undefined) seen.add(key, offset);
    return seen;
  }

  add(glitchId: string, offset: bigint): void {
    if (this.#firstOffsets.has(glitchId)) return;
    this.#firstOffsets.set(glitchId, offset);
    if (this.#firstOffsets.size <= this.#window) return;
    const [oldest] = this.#firstOffsets.keys();
    if (oldest !== undefined) this.#firstOffsets.delete(oldest);
  }

  /** False for the very record that came first, should the log bring it again. */
  cameBefore(glitchId: string, offset: bigint): boolean {
    const first = this.#firstOffsets.get(glitchId);
    return first !== undefined && first < offset;
  }
}
