import type { LogRecord, RecordOutcome } from '@glitchwatch/event-log';
import type { Alert, Assignment } from '@glitchwatch/proto';
import type { Assigner } from './assigner.js';
import { type AcceptedEmbedding, acceptEmbedding, type EmbeddingKind } from './embedding-intake.js';
import { ClustererError } from './errors.js';

export interface ProcessedBatch {
  readonly outcomes: readonly RecordOutcome[];
  readonly assignments: readonly Assignment[];
  readonly alerts: readonly Alert[];
  /** Takes the assignments back in memory; the glitches stay known. */
  readonly undo: () => void;
}

/**
 * Takes embeddings into the reference store and assigns each under the active
 * model. What the log has seen already gives no output, so a batch that comes twice
 * does no harm.
 */
export class BatchProcessor {
  readonly #assigner: Assigner;
  #kind: EmbeddingKind | undefined;

  constructor(assigner: Assigner) {
    this.#assigner = assigner;
  }

  /** Undefined before the first embedding. */
  get kind(): EmbeddingKind | undefined {
    return this.#kind;
  }

  /** What a model was fitted on says more than whatever comes first after a restart. */
  expect(kind: EmbeddingKind): void {
    this.#kind = kind;
  }

  process(records: readonly LogRecord[]): ProcessedBatch {
    const outcomes: RecordOutcome[] = [];
    const assignments: Assignment[] = [];
    const alerts: Alert[] = [];
    const undos: (() => void)[] = [];
    for (const record of records) {
      const accepted = this.#accept(record);
      if (accepted instanceof ClustererError) {
        outcomes.push({ kind: 'poison', code: accepted.code, message: accepted.message });
        continue;
      }
      const step = this.#assigner.assign(this.#slotOf(accepted));
      outcomes.push({ kind: 'done', outputs: step?.records ?? [] });
      if (step === undefined) continue;
      assignments.push(step.assignment);
      alerts.push(...step.alerts);
      undos.push(step.undo);
    }
    return {
      outcomes,
      assignments,
      alerts,
      undo: () => {
        for (const undo of undos.reverse()) undo();
      },
    };
  }

  /** For rebuilding: a record that was processed before the restart. Poison is skipped. */
  remember(record: LogRecord): void {
    const accepted = this.#accept(record);
    if (!(accepted instanceof ClustererError)) this.#slotOf(accepted);
  }

  #accept(record: LogRecord): AcceptedEmbedding | ClustererError {
    try {
      const accepted = acceptEmbedding(record, this.#kind);
      this.#kind ??= {
        dimension: accepted.vector.length,
        embedderSha256: accepted.embedderSha256,
      };
      return accepted;
    } catch (error) {
      // Bad input becomes an outcome; anything else is our fault and goes up.
      if (error instanceof ClustererError) return error;
      throw error;
    }
  }

  #slotOf(accepted: AcceptedEmbedding): number {
    const { store, alreadyAssigned } = this.#assigner;
    const known = store.slotOf(accepted.glitchId);
    if (known !== undefined) return known;
    const slot = store.add(accepted)!;
    const mark = alreadyAssigned.get(accepted.glitchId);
    if (mark !== undefined) {
      store.setMark(slot, mark);
      alreadyAssigned.delete(accepted.glitchId);
    }
    return slot;
  }
}
