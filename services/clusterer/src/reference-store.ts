import { Trigger } from '@glitchwatch/proto';
import { ClustererError } from './errors.js';
import { sharedFloat32 } from './shared-memory.js';
import { isSignal } from './signal.js';
import { Stretch } from './stretch.js';

export interface KnownGlitch {
  readonly glitchId: string;
  /** Unit length; copied. */
  readonly vector: Float32Array;
  readonly trigger: Trigger;
  readonly ingestedAtMs: number;
}

/** Where an embedding lies in its topic. */
export interface EmbeddingPlace {
  readonly partition: number;
  readonly offset: bigint;
}

/** What was last appended for a glitch. `modelVersion` 0: nothing yet. */
export interface AssignmentMark {
  readonly modelVersion: number;
  readonly familyId: number;
}

/** Rows of a fit, in no order that matters. */
export interface ReferenceRows {
  readonly glitchIds: readonly string[];
  /** Row-major, `glitchIds.length` x dimension; a copy, in shared memory. */
  readonly vectors: Float32Array;
  /** Family under the model before, -1 where none. */
  readonly familyIds: Int32Array;
}

const FIRST_CAPACITY = 256;
const NOWHERE: EmbeddingPlace = { partition: -1, offset: 0n };

/**
 * Every known glitch with its vector, in the order of arrival, up to `maxGlitches`;
 * then each new one takes the place (the slot) of the oldest.
 *
 * Triggers are kept encoded: about 150 bytes each instead of an object of ten fields.
 */
export class ReferenceStore {
  readonly #maxGlitches: number;
  readonly #slots = new Map<string, number>();
  readonly #signals = new Set<string>();
  #dimension = 0;
  #vectors = new Float32Array(0);
  #ids: string[] = [];
  #triggers: Uint8Array[] = [];
  #ingestedAtMs = new Float64Array(0);
  #modelVersions = new Uint32Array(0);
  #familyIds = new Int32Array(0);
  #partitions = new Int16Array(0);
  #offsets = new Float64Array(0);
  #added = 0;

  constructor({ maxGlitches }: { readonly maxGlitches: number }) {
    this.#maxGlitches = maxGlitches;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** Glitches ever added, also those that have left. */
  get added(): number {
    return this.#added;
  }

  /** 0 before the first glitch. */
  get dimension(): number {
    return this.#dimension;
  }

  slotOf(glitchId: string): number | undefined {
    return this.#slots.get(glitchId);
  }

  idAt(slot: number): string {
    return this.#ids[slot]!;
  }

  /** A view: valid until the next `add`. */
  vectorAt(slot: number): Float32Array {
    return this.#vectors.subarray(slot * this.#dimension, (slot + 1) * this.#dimension);
  }

  triggerAt(slot: number): Trigger {
    return Trigger.decode(this.#triggers[slot]!);
  }

  ingestedAtMsAt(slot: number): number {
    return this.#ingestedAtMs[slot]!;
  }

  /** Undefined for one that is not known, or has left. The vector is a copy. */
  glitch(glitchId: string): KnownGlitch | undefined {
    const slot = this.#slots.get(glitchId);
    if (slot === undefined) return undefined;
    return {
      glitchId,
      vector: this.vectorAt(slot).slice(),
      trigger: this.triggerAt(slot),
      ingestedAtMs: this.ingestedAtMsAt(slot),
    };
  }

  /** Is its embedding below these offsets (next to be processed, by partition)? */
  isBelow(slot: number, offsets: ReadonlyMap<number, bigint>): boolean {
    const end = offsets.get(this.#partitions[slot]!);
    return end !== undefined && this.#offsets[slot]! < Number(end);
  }

  markAt(slot: number): AssignmentMark {
    return { modelVersion: this.#modelVersions[slot]!, familyId: this.#familyIds[slot]! };
  }

  setMark(slot: number, mark: AssignmentMark): void {
    this.#modelVersions[slot] = mark.modelVersion;
    this.#familyIds[slot] = mark.familyId;
  }

  /**
   * @param place Of the embedding; without one it is below no offset.
   * @returns the slot, or undefined where the glitch is known already.
   * @throws ClustererError `wrong_dimension` where the vector is not as long as the first one.
   */
  add(glitch: KnownGlitch, place: EmbeddingPlace = NOWHERE): number | undefined {
    if (this.#slots.has(glitch.glitchId)) return undefined;
    if (this.#dimension === 0) this.#dimension = glitch.vector.length;
    if (glitch.vector.length !== this.#dimension)
      throw new ClustererError(
        'wrong_dimension',
        `Embedding of glitch ${glitch.glitchId}: expected ${this.#dimension} elements, found ${glitch.vector.length}`,
      );
    const slot = this.#freeSlot();
    this.#vectors.set(glitch.vector, slot * this.#dimension);
    this.#ids[slot] = glitch.glitchId;
    this.#triggers[slot] = Trigger.encode(glitch.trigger).finish();
    this.#ingestedAtMs[slot] = glitch.ingestedAtMs;
    this.#partitions[slot] = place.partition;
    this.#offsets[slot] = Number(place.offset);
    this.setMark(slot, { modelVersion: 0, familyId: -1 });
    this.#slots.set(glitch.glitchId, slot);
    if (isSignal(glitch.trigger)) this.#signals.add(glitch.glitchId);
    this.#added++;
    return slot;
  }

  /** Slots in the order of arrival. */
  slotsInOrder(): number[] {
    const first = this.#added > this.#maxGlitches ? this.#added % this.#maxGlitches : 0;
    return Array.from({ length: this.size }, (_, i) => (first + i) % this.#maxGlitches);
  }

  /**
   * What a fit is made of, copied in short stretches so that assignments go on: signals
   * are no part of it, nor is what comes or leaves meanwhile.
   */
  async rowsForFit(): Promise<ReferenceRows> {
    const stretch = new Stretch();
    const wanted = [...this.#slots.keys()];
    const dimension = this.#dimension;
    const vectors = sharedFloat32(wanted.length * dimension);
    const familyIds = new Int32Array(wanted.length);
    const glitchIds: string[] = [];
    for (const glitchId of wanted) {
      await stretch.pause();
      const slot = this.#slots.get(glitchId);
      if (slot === undefined || this.#signals.has(glitchId)) continue;
      const row = glitchIds.push(glitchId) - 1;
      vectors.set(this.vectorAt(slot), row * dimension);
      familyIds[row] = this.#familyIds[slot]!;
    }
    const n = glitchIds.length;
    return {
      glitchIds,
      vectors: vectors.subarray(0, n * dimension),
      familyIds: familyIds.subarray(0, n),
    };
  }

  #freeSlot(): number {
    const slot = this.#added % this.#maxGlitches;
    if (this.#added >= this.#maxGlitches) {
      this.#slots.delete(this.#ids[slot]!);
      this.#signals.delete(this.#ids[slot]!);
    } else if (slot >= this.#familyIds.length) this.#grow();
    return slot;
  }

  #grow(): void {
    const capacity = Math.min(
      this.#maxGlitches,
      Math.max(FIRST_CAPACITY, this.#familyIds.length * 2),
    );
    this.#vectors = enlarged(this.#vectors, new Float32Array(capacity * this.#dimension));
    this.#ingestedAtMs = enlarged(this.#ingestedAtMs, new Float64Array(capacity));
    this.#modelVersions = enlarged(this.#modelVersions, new Uint32Array(capacity));
    this.#familyIds = enlarged(this.#familyIds, new Int32Array(capacity));
    this.#partitions = enlarged(this.#partitions, new Int16Array(capacity));
    this.#offsets = enlarged(this.#offsets, new Float64Array(capacity));
  }
}

function enlarged<T extends Float32Array | Float64Array | Uint32Array | Int32Array | Int16Array>(
  from: T,
  into: T,
): T {
  into.set(from);
  return into;
}
