import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventLog, LogRecord } from '@glitchwatch/event-log';
import { Assignment, topics } from '@glitchwatch/proto';
import type { ActiveModel } from '../active-model.js';
import { acceptEmbedding } from '../embedding-intake.js';
import type { EmbeddingKindRule } from '../embedding-kind.js';
import { ClustererError } from '../errors.js';
import { LogFollower } from '../log-follower.js';
import { recordsByTime } from '../log-replay.js';
import { type AssignmentMark, ReferenceStore } from '../reference-store.js';

const RECORDS_PER_TURN = 64;

export interface KnownGlitchesOptions {
  readonly log: Pick<EventLog, 'offsets' | 'read' | 'tail'>;
  readonly kinds: EmbeddingKindRule;
  readonly maxGlitches: number;
  readonly onError: (code: string, error: Error) => void;
}

/**
 * Every embedding on the log with the last assignment it got: what a model is fitted to
 * and what the leader answers from. Read outside any group, all partitions, by every
 * process of the refit role, so that one that takes the lead has it at hand.
 */
export class KnownGlitches {
  readonly store: ReferenceStore;
  readonly #options: KnownGlitchesOptions;
  readonly #embeddings: LogFollower;
  readonly #assignments: LogFollower;
  /** Assignments read before the embedding was; the oldest leave. */
  readonly #early = new Map<string, AssignmentMark>();
  #fitted: { readonly model: ActiveModel; readonly added: number } | undefined;

  constructor(options: KnownGlitchesOptions) {
    const { log, maxGlitches, onError } = options;
    this.#options = options;
    this.store = new ReferenceStore({ maxGlitches });
    this.#embeddings = new LogFollower({
      log,
      topic: topics.embeddings,
      take: (record) => this.#takeEmbedding(record),
      onError: (error) => onError('read_failed', error),
    });
    this.#assignments = new LogFollower({
      log,
      topic: topics.assignments,
      take: (record) => this.#takeAssignment(record),
      onError: (error) => onError('read_failed', error),
    });
  }

  /**
   * Reads what the log has now, embeddings oldest first. Only the last `maxGlitches`
   * of each partition: older ones would leave the store again.
   *
   * @param assignmentsFrom Nothing that matters of glitch.assignments is older.
   */
  async open(assignmentsFrom: ReadonlyMap<number, bigint>): Promise<void> {
    const { log, maxGlitches } = this.#options;
    const ends = await log.offsets(topics.embeddings);
    const to = new Map(ends.map(({ partition, high }) => [partition, high]));
    const from = new Map(
      ends.map(({ partition, high }) => [partition, high - BigInt(maxGlitches)]),
    );
    let taken = 0;
    for await (const record of recordsByTime(log, topics.embeddings, { from, to })) {
      await this.#takeEmbedding(record);
      // Assignments go on meanwhile, where this process gives them too.
      if (++taken % RECORDS_PER_TURN === 0) await nextTurn();
    }
    this.#embeddings.startAt(to);
    this.#assignments.startAt(assignmentsFrom);
  }

  /** Until `signal` aborts. */
  async follow(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#embeddings.run(signal), this.#assignments.run(signal)]);
  }

  /** Empty before the first embedding. */
  get embedderSha256(): string {
    return this.#options.kinds.known?.embedderSha256 ?? '';
  }

  /** Resolves once every embedding that is on the log now is known. */
  embeddingsUpToDate(signal: AbortSignal): Promise<void> {
    return this.#embeddings.reachEnd(signal);
  }

  /** Resolves once every assignment that is on the log now is marked. */
  assignmentsUpToDate(signal: AbortSignal): Promise<void> {
    return this.#assignments.reachEnd(signal);
  }

  /** Known glitches that `model` was not fitted on; all of them before the first. */
  newSinceFit(model: ActiveModel | undefined): number {
    const { store } = this;
    if (model === undefined) return store.size;
    if (this.#fitted?.model !== model) {
      // As if the glitches of the model had come first.
      const slots = store.slotsInOrder();
      const unfitted = slots.filter((slot) => !model.isReference(store.idAt(slot))).length;
      this.#fitted = { model, added: store.added - unfitted };
    }
    return Math.min(store.size, store.added - this.#fitted.added);
  }

  /** Share of the known glitches that are in no family, of those that have an assignment. */
  unassignedFraction(): number {
    const marks = this.store.slotsInOrder().map((slot) => this.store.markAt(slot));
    const judged = marks.filter(({ modelVersion }) => modelVersion > 0);
    if (judged.length === 0) return 0;
    return judged.filter(({ familyId }) => familyId < 0).length / judged.length;
  }

  async #takeEmbedding(record: LogRecord): Promise<void> {
    const { kinds } = this.#options;
    const kind = kinds.known ?? (await kinds.resolve());
    try {
      const accepted = acceptEmbedding(record, kind);
      const slot = this.store.add(accepted, record);
      const mark = slot === undefined ? undefined : this.#early.get(accepted.glitchId);
      if (slot === undefined || mark === undefined) return;
      this.store.setMark(slot, mark);
      this.#early.delete(accepted.glitchId);
    } catch (error) {
      // Poison: the assigners send it to the dead-letter topic.
      if (!(error instanceof ClustererError)) throw error;
    }
  }

  #takeAssignment({ value }: LogRecord): void {
    let assignment: Assignment;
    try {
      assignment = Assignment.decode(value);
    } catch {
      // The novelty watch, which reads this topic in a group, sends it to the dead-letter topic.
      return;
    }
    this.mark(assignment.glitchId, assignment);
  }

  /** The newest model counts, wherever its assignment stands. */
  mark(glitchId: string, { modelVersion, familyId }: AssignmentMark): void {
    const slot = this.store.slotOf(glitchId);
    const known = slot === undefined ? this.#early.get(glitchId) : this.store.markAt(slot);
    if (known !== undefined && known.modelVersion > modelVersion) return;
    const mark = { modelVersion, familyId };
    if (slot !== undefined) {
      this.store.setMark(slot, mark);
      return;
    }
    this.#early.set(glitchId, mark);
    if (this.#early.size <= this.#options.maxGlitches) return;
    const [oldest] = this.#early.keys();
    if (oldest !== undefined) this.#early.delete(oldest);
  }
}
