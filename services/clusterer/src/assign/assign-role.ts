import type { EventLog, LogRecord, OutgoingRecord, RecordOutcome } from '@glitchwatch/event-log';
import type { Clock } from '@glitchwatch/service-kit';
import { assignmentOf, assignmentRecord } from '../assignment-record.js';
import {
  type AcceptedEmbedding,
  acceptEmbedding,
  type EmbeddingKind,
} from '../embedding-intake.js';
import type { EmbeddingKindRule } from '../embedding-kind.js';
import { ClustererError } from '../errors.js';
import type { ClustererMetrics } from '../metrics.js';
import type { ModelsInForce } from '../models-in-force.js';
import { SeenGlitches } from './seen-glitches.js';

/** Repeats come soon after one another, and those of older glitches are in the model's reference. */
const SEEN_PER_PARTITION = 4_096;
/** After such a silence the partition may have been somebody else's meanwhile. */
const SILENCE_MS = 1_000;

/** A partition as long as its batches come without a break. */
interface Tenure {
  readonly seen: SeenGlitches;
  /** Offset of the batch that goes on from here. */
  next: bigint;
  lastMs: number;
}

export interface AssignRoleParts {
  readonly log: Pick<EventLog, 'offsets' | 'read'>;
  readonly models: ModelsInForce;
  readonly kinds: EmbeddingKindRule;
  readonly metrics: ClustererMetrics;
  readonly clock: Clock;
  /** Ends every wait. */
  readonly signal: AbortSignal;
}

/**
 * Gives each new glitch its place under the model in force. Knows that model and what
 * a partition brought lately, and nothing else, so any number of these may share the
 * partitions, and one may take over from another at any time.
 *
 * Glitches of the model's reference, and whatever comes before the first model, are
 * left to the leader: it answers for every glitch below this group's commit.
 */
export class AssignRole {
  readonly #parts: AssignRoleParts;
  readonly #tenures = new Map<number, Tenure>();

  constructor(parts: AssignRoleParts) {
    this.#parts = parts;
  }

  /** One batch of one partition of glitch.embeddings. */
  async process(records: readonly LogRecord[]): Promise<readonly RecordOutcome[]> {
    const [first] = records;
    const last = records.at(-1);
    if (first === undefined || last === undefined) return [];
    const { models, kinds, metrics } = this.#parts;
    const tenure = await this.#tenureOf(first);
    const kind = await kinds.resolve();
    const started = performance.now();
    const outcomes = records.map((record) => this.#outcome(record, kind, tenure.seen));
    tenure.next = last.offset + 1n;
    tenure.lastMs = performance.now();
    const seconds = (tenure.lastMs - started) / 1_000;
    metrics.stage('batch', seconds);
    if (models.model !== undefined) metrics.stage('assign', seconds / records.length);
    return outcomes;
  }

  /**
   * Where the last member may have answered for records that it could not commit, it
   * did so under the model in force then. This one must not answer under an older.
   */
  async #tenureOf({ partition, offset }: LogRecord): Promise<Tenure> {
    const held = this.#tenures.get(partition);
    const nowMs = performance.now();
    const isUnbroken = held?.next === offset && nowMs - held.lastMs < SILENCE_MS;
    if (isUnbroken) return held;
    const { log, models, signal } = this.#parts;
    await models.upToDate(signal);
    const seen =
      held?.next === offset
        ? held.seen
        : await SeenGlitches.before(log, partition, offset, SEEN_PER_PARTITION);
    const tenure = { seen, next: offset, lastMs: nowMs };
    this.#tenures.set(partition, tenure);
    return tenure;
  }

  #outcome(record: LogRecord, kind: EmbeddingKind | undefined, seen: SeenGlitches): RecordOutcome {
    try {
      const embedding = acceptEmbedding(record, kind);
      const { glitchId } = embedding;
      seen.add(glitchId, record.offset);
      const isRepeat = seen.cameBefore(glitchId, record.offset);
      return { kind: 'done', outputs: isRepeat ? [] : this.#assign(embedding) };
    } catch (error) {
      // Bad input becomes an outcome; anything else is our fault and goes up.
      if (!(error instanceof ClustererError)) throw error;
      return { kind: 'poison', code: error.code, message: error.message };
    }
  }

  #assign(embedding: AcceptedEmbedding): readonly OutgoingRecord[] {
    const { models, metrics, clock } = this.#parts;
    const { model } = models;
    if (model === undefined || model.isReference(embedding.glitchId)) return [];
    const placement = model.place(embedding.glitchId, embedding.vector);
    const assignment = assignmentOf(embedding, placement, {
      modelVersion: model.version,
      nowMs: clock.nowMs(),
    });
    const { familyId } = placement;
    metrics.assigned({ unassigned: familyId < 0, ingestedAtMs: embedding.ingestedAtMs });
    return [assignmentRecord(assignment)];
  }
}
