import { type CosineShift, cosineShift } from '@glitchwatch/numerics';
import type { GoldenEmbeddings } from '@glitchwatch/proto';

export interface GoldenVerdict {
  /** It is not the embedder that made the log's embeddings, or does not do what it did. */
  readonly isChanged: boolean;
  readonly shift: CosineShift;
  /** The network in use, and the one that the log's embeddings were made with. */
  readonly sha256: string;
  readonly expectedSha256: string;
}

/** First uses kept: of more embedders than these on one log the oldest leave. */
const MAX_EMBEDDERS = 16;

/**
 * What embedders made of the golden glitches, in the order of the log: the first use of
 * each network, and the newest word of all. Records of another golden set than the
 * newest one's say nothing beside it.
 */
export class GoldenBook {
  readonly #first = new Map<string, GoldenEmbeddings>();
  #newest: GoldenEmbeddings | undefined;

  take(record: GoldenEmbeddings): void {
    if (record.vectors.length === 0) return;
    const key = keyOf(record.goldenSha256, record.embedderSha256);
    if (!this.#first.has(key)) {
      const [oldest] = this.#first.keys();
      if (this.#first.size >= MAX_EMBEDDERS && oldest !== undefined) this.#first.delete(oldest);
      this.#first.set(key, record);
    }
    this.#newest = record;
  }

  /**
   * @param expectedSha256 Of the network that the log's embeddings were made with.
   * @returns undefined while no embedder has said anything, or none is expected yet.
   */
  verdict(expectedSha256: string | undefined, tolerance: number): GoldenVerdict | undefined {
    const newest = this.#newest;
    if (newest === undefined || expectedSha256 === undefined) return undefined;
    const { embedderSha256: sha256, goldenSha256 } = newest;
    const first = this.#first.get(keyOf(goldenSha256, expectedSha256));
    const isOther = sha256 !== expectedSha256;
    // Another network on a log that is older than the golden glitches: nothing to measure by.
    const shift =
      first === undefined || first.vectors.length !== newest.vectors.length
        ? { max: isOther ? 1 : 0, mean: isOther ? 1 : 0 }
        : cosineShift(valuesOf(first), valuesOf(newest));
    return { isChanged: shift.max > tolerance, shift, sha256, expectedSha256 };
  }
}

function keyOf(goldenSha256: string, embedderSha256: string): string {
  return `${goldenSha256} ${embedderSha256}`;
}

function valuesOf({ vectors }: GoldenEmbeddings): number[][] {
  return vectors.map(({ values }) => values);
}
