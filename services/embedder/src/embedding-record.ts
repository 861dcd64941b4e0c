import type { LogRecord, OutgoingRecord, RecordOutcome } from '@glitchwatch/event-log';
import {
  Embedding,
  embeddingEventId,
  Glitch,
  headerNames,
  messageHeaders,
  topics,
} from '@glitchwatch/proto';
import type { Embedder, EmbedResult } from './embedder.js';
import { EmbedderError, reasonOf } from './errors.js';

/** The glitch in a record of glitch.triggers, or why there is none. */
export function decodeRecord(record: LogRecord): Glitch | EmbedderError {
  try {
    return Glitch.decode(record.value);
  } catch (error) {
    return new EmbedderError(
      'bad_glitch',
      `${record.topic}/${record.partition} offset ${record.offset}: expected a Glitch message in ` +
        `${record.value.length} bytes, found ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

export function poisonOf(error: EmbedderError): RecordOutcome {
  return { kind: 'poison', code: error.code, message: error.message };
}

/** What goes to glitch.embeddings: keyed by glitch, its event id the same on every try. */
export function embeddingRecord(
  record: LogRecord,
  glitch: Glitch,
  result: Extract<EmbedResult, { kind: 'embedding' }>,
  network: Pick<Embedder, 'name' | 'sha256'>,
  nowMs: number,
): OutgoingRecord {
  const glitchId = glitch.trigger?.glitchId ?? '';
  // Spelt out in full: `fromPartial` would copy trigger and vector once more.
  const embedding: Embedding = {
    trigger: glitch.trigger,
    vector: Array.from(result.vector),
    embedder: network.name,
    embedderSha256: network.sha256,
    windowsSec: result.windowsSec,
    ingestedAtMs: glitch.ingestedAtMs,
    embeddedAtMs: BigInt(Math.round(nowMs)),
  };
  const trace = record.headers[headerNames.trace];
  return {
    topic: topics.embeddings,
    key: glitchId,
    value: Embedding.encode(embedding).finish(),
    headers: {
      ...messageHeaders('Embedding', embeddingEventId(glitchId, network.sha256)),
      ...(trace === undefined ? {} : { [headerNames.trace]: trace }),
    },
  };
}
