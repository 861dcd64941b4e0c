import type { LogRecord } from '@glitchwatch/event-log';
import { Embedding, type Trigger } from '@glitchwatch/proto';
import { ClustererError } from './errors.js';
import { toUnitVector } from './unit-vector.js';

export interface AcceptedEmbedding {
  readonly glitchId: string;
  readonly trigger: Trigger;
  readonly vector: Float32Array;
  readonly embedderSha256: string;
  readonly ingestedAtMs: number;
}

/** What all embeddings of one clusterer share; the first one says it. */
export interface EmbeddingKind {
  readonly dimension: number;
  readonly embedderSha256: string;
}

/**
 * One record of topic glitch.embeddings, checked.
 *
 * @throws ClustererError `bad_embedding`, `wrong_dimension` or `wrong_embedder`:
 *   all of them mean the dead-letter topic.
 */
export function acceptEmbedding(
  record: LogRecord,
  expected: EmbeddingKind | undefined,
): AcceptedEmbedding {
  const embedding = decode(record);
  const { trigger } = embedding;
  if (trigger === undefined || trigger.glitchId === '')
    throw new ClustererError(
      'bad_embedding',
      `Embedding at ${place(record)}: expected a trigger with a glitch id, found none`,
    );
  const { glitchId } = trigger;
  const { vector, embedderSha256 } = embedding;
  if (expected !== undefined && vector.length !== expected.dimension)
    throw new ClustererError(
      'wrong_dimension',
      `Embedding of glitch ${glitchId}: expected ${expected.dimension} elements, found ${vector.length}`,
    );
  if (expected !== undefined && embedderSha256 !== expected.embedderSha256)
    throw new ClustererError(
      'wrong_embedder',
      `Embedding of glitch ${glitchId}: expected embedder ${expected.embedderSha256}, found ${embedderSha256}; distances between the two mean nothing`,
    );
  return {
    glitchId,
    trigger,
    vector: toUnitVector(vector, glitchId),
    embedderSha256,
    ingestedAtMs: Number(embedding.ingestedAtMs),
  };
}

function decode(record: LogRecord): Embedding {
  try {
    return Embedding.decode(record.value);
  } catch (error) {
    throw new ClustererError(
      'bad_embedding',
      `Embedding at ${place(record)}: expected a glitchwatch.v1.Embedding, found ${record.value.length} bytes that are not one`,
      { cause: error },
    );
  }
}

function place({ topic, partition, offset }: LogRecord): string {
  return `${topic}/${partition} offset ${offset}`;
}
