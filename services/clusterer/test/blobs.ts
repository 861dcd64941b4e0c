import type { OutgoingRecord } from '@glitchwatch/event-log';
import { createRng, type Rng } from '@glitchwatch/numerics';
import {
  Embedding,
  embeddingEventId,
  glitchIdOf,
  messageHeaders,
  topics,
} from '@glitchwatch/proto';

export const EMBEDDER = 'e'.repeat(64);

export interface BlobOptions {
  readonly seed: number;
  readonly dimension?: number;
  /** Length of the noise added to a centre of length one. */
  readonly spread?: number;
}

/** Groups of unit vectors around random directions, in any number, from one seed. */
export class Blobs {
  readonly dimension: number;
  readonly #rng: Rng;
  readonly #spread: number;
  readonly #centres: Float32Array[] = [];

  constructor({ seed, dimension = 32, spread = 0.35 }: BlobOptions) {
    this.dimension = dimension;
    this.#rng = createRng(seed);
    this.#spread = spread;
  }

  draw(blob: number): Float32Array {
    while (this.#centres.length <= blob) this.#centres.push(this.#direction());
    const noise = this.#direction();
    return unit(this.#centres[blob]!.map((value, i) => value + this.#spread * noise[i]!));
  }

  #direction(): Float32Array {
    return unit(Float32Array.from({ length: this.dimension }, () => this.#rng.nextNormal()));
  }
}

export function unit(vector: Float32Array): Float32Array {
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}

export interface TestGlitch {
  readonly glitchId: string;
  readonly blob: number;
  readonly record: OutgoingRecord;
}

/** Glitch number `n` of a run, as a record of glitch.embeddings. */
export function glitchRecord(
  n: number,
  blob: number,
  vector: Float32Array,
  { ingestedAtMs = 1_700_000_000_000 + 1_000 * n, embedder = EMBEDDER } = {},
): TestGlitch {
  const ifo = n % 2 === 0 ? 'H1' : 'L1';
  const externalId = `test-${n}`;
  const glitchId = glitchIdOf({ ifo, channel: '', externalId });
  const embedding = Embedding.fromPartial({
    trigger: {
      glitchId,
      ifo,
      externalId,
      snr: 10 + blob,
      peakFrequencyHz: 100 * (blob + 1) + (n % 7),
      durationSec: 0.1 * (blob + 1),
      label: `blob-${blob}`,
      source: 'simulator',
    },
    vector: Array.from(vector),
    embedder: 'test',
    embedderSha256: embedder,
    windowsSec: [0.5, 1, 2, 4],
    ingestedAtMs: BigInt(ingestedAtMs),
    embeddedAtMs: BigInt(ingestedAtMs + 5),
  });
  return {
    glitchId,
    blob,
    record: {
      topic: topics.embeddings,
      key: glitchId,
      value: Embedding.encode(embedding).finish(),
      headers: messageHeaders('Embedding', embeddingEventId(glitchId, embedder)),
    },
  };
}
