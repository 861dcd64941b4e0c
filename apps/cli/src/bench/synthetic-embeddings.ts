import type { OutgoingRecord } from '@glitchwatch/event-log';
import { createRng, type Rng } from '@glitchwatch/numerics';
import {
  Embedding,
  embeddingEventId,
  glitchIdOf,
  messageHeaders,
  topics,
} from '@glitchwatch/proto';

const KINDS = 24;
/** Length of the noise added to a centre of length one. */
const SPREAD = 0.35;
const EMBEDDER = 'b'.repeat(64);

/** Embeddings of made-up kinds, groups on the unit sphere, as the embedder would append them. */
export class SyntheticEmbeddings {
  readonly #dimension: number;
  readonly #rng: Rng;
  readonly #centres: readonly Float32Array[];
  #made = 0;

  constructor({ seed, dimension }: { readonly seed: number; readonly dimension: number }) {
    this.#dimension = dimension;
    this.#rng = createRng(seed);
    this.#centres = Array.from({ length: KINDS }, () => this.#direction());
  }

  next(): OutgoingRecord {
    const n = this.#made++;
    const noise = this.#direction();
    const centre = this.#centres[n % KINDS] ?? noise;
    const ifo = n % 2 === 0 ? 'H1' : 'L1';
    const externalId = `synthetic-${n}`;
    const glitchId = glitchIdOf({ ifo, channel: '', externalId });
    const nowMs = BigInt(Date.now());
    const embedding = Embedding.fromPartial({
      trigger: { glitchId, ifo, externalId, snr: 10, source: 'simulator' },
      vector: Array.from(unit(centre.map((value, i) => value + SPREAD * (noise[i] ?? 0)))),
      embedder: 'synthetic',
      embedderSha256: EMBEDDER,
      windowsSec: [0.5, 1, 2, 4],
      ingestedAtMs: nowMs,
      embeddedAtMs: nowMs,
    });
    return {
      topic: topics.embeddings,
      key: glitchId,
      value: Embedding.encode(embedding).finish(),
      headers: messageHeaders('Embedding', embeddingEventId(glitchId, EMBEDDER)),
    };
  }

  #direction(): Float32Array {
    return unit(Float32Array.from({ length: this.#dimension }, () => this.#rng.nextNormal()));
  }
}

function unit(vector: Float32Array): Float32Array {
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}
