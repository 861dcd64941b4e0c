import type { OutgoingRecord } from '@glitchwatch/event-log';
import {
  Embedding,
  embeddingEventId,
  glitchIdOf,
  messageHeaders,
  topics,
} from '@glitchwatch/proto';
import type { EmbeddingPool } from './embedding-pool.js';

/** A fixed moment: what is recorded does not depend on when. */
const firstMs = 1_700_000_000_000;
const stepMs = 1_000;

/** Row `n` of the pool as the embedder would append it. */
export function poolRecord(pool: EmbeddingPool, n: number): OutgoingRecord {
  const ifo = n % 2 === 0 ? 'H1' : 'L1';
  const externalId = `pool-${n}`;
  const glitchId = glitchIdOf({ ifo, channel: '', externalId });
  const embedding = Embedding.fromPartial({
    trigger: {
      glitchId,
      ifo,
      externalId,
      snr: 10,
      source: 'simulator',
      label: pool.classes[pool.classAt(n)] ?? '',
    },
    vector: Array.from(pool.vectorAt(n)),
    embedder: 'pool',
    embedderSha256: pool.embedderSha256,
    windowsSec: [0.5, 1, 2, 4],
    ingestedAtMs: BigInt(firstMs + n * stepMs),
    embeddedAtMs: BigInt(firstMs + n * stepMs),
  });
  return {
    topic: topics.embeddings,
    key: glitchId,
    value: Embedding.encode(embedding).finish(),
    headers: messageHeaders('Embedding', embeddingEventId(glitchId, pool.embedderSha256)),
  };
}
