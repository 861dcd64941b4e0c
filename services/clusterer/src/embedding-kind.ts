import type { EventLog } from '@glitchwatch/event-log';
import { topics } from '@glitchwatch/proto';
import { acceptEmbedding, type EmbeddingKind } from './embedding-intake.js';
import { ClustererError } from './errors.js';
import { recordsByTime } from './log-replay.js';

/**
 * What all embeddings of a log share: the model in force says it, and before the first
 * model the first good embedding on the log. Not the first one that a process happens
 * to meet: replicas, which see different partitions, must refuse the same records.
 */
export class EmbeddingKindRule {
  readonly #log: Pick<EventLog, 'offsets' | 'read'>;
  readonly #ofModel: () => EmbeddingKind | undefined;
  #first: EmbeddingKind | undefined;

  constructor(log: Pick<EventLog, 'offsets' | 'read'>, ofModel: () => EmbeddingKind | undefined) {
    this.#log = log;
    this.#ofModel = ofModel;
  }

  /** As far as known without asking the log. */
  get known(): EmbeddingKind | undefined {
    return this.#ofModel() ?? this.#first;
  }

  /** Undefined while the log has no good embedding. */
  async resolve(): Promise<EmbeddingKind | undefined> {
    if (this.known === undefined) this.#first = await firstKind(this.#log);
    return this.known;
  }
}

async function firstKind(
  log: Pick<EventLog, 'offsets' | 'read'>,
): Promise<EmbeddingKind | undefined> {
  for await (const record of recordsByTime(log, topics.embeddings)) {
    try {
      const { vector, embedderSha256 } = acceptEmbedding(record, undefined);
      return { dimension: vector.length, embedderSha256 };
    } catch (error) {
      // Poison: the assigners send it where it belongs, and it says nothing about the rest.
      if (!(error instanceof ClustererError)) throw error;
    }
  }
  return undefined;
}
