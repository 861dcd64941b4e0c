import { GoldenEmbeddings } from '@glitchwatch/proto';
import { describe, expect, it } from 'vitest';
import { GoldenBook } from './golden-verdict.js';

const OURS = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);
const TOLERANCE = 0.001;

function said(embedderSha256: string, rows: number[][], goldenSha256 = 'set'): GoldenEmbeddings {
  const vectors = rows.map((values) => ({ values }));
  return GoldenEmbeddings.fromPartial({ goldenSha256, embedderSha256, vectors });
}

const plain = [
  [1, 0],
  [0, 1],
];
const turned = [
  [0.96, 0.28],
  [0, 1],
];

describe('GoldenBook', () => {
  it('says nothing before an embedder has, or where none is expected', () => {
    const book = new GoldenBook();
    expect(book.verdict(OURS, TOLERANCE)).toBeUndefined();
    book.take(said(OURS, plain));
    expect(book.verdict(undefined, TOLERANCE)).toBeUndefined();
  });

  it('measures from the first use of the network that is expected', () => {
    const book = new GoldenBook();
    book.take(said(OURS, plain));
    expect(book.verdict(OURS, TOLERANCE)).toMatchObject({
      isChanged: false,
      shift: { max: 0, mean: 0 },
    });
    // The same network, another result.
    book.take(said(OURS, turned));
    const changed = book.verdict(OURS, TOLERANCE);
    expect(changed).toMatchObject({ isChanged: true, sha256: OURS, expectedSha256: OURS });
    expect(changed?.shift.max).toBeCloseTo(0.04, 12);
    expect(changed?.shift.mean).toBeCloseTo(0.02, 12);
    book.take(said(OURS, plain));
    expect(book.verdict(OURS, TOLERANCE)?.isChanged).toBe(false);
    // Other weights.
    book.take(said(OTHER, turned));
    expect(book.verdict(OURS, TOLERANCE)).toMatchObject({ isChanged: true, sha256: OTHER });
    // A log whose embeddings the other made.
    expect(book.verdict(OTHER, TOLERANCE)?.isChanged).toBe(false);
  });

  it('lets other processors round differently', () => {
    const book = new GoldenBook();
    book.take(said(OURS, plain));
    book.take(
      said(OURS, [
        [1, 1e-3],
        [0, 1],
      ]),
    );
    const verdict = book.verdict(OURS, TOLERANCE);
    expect(verdict?.shift.max).toBeGreaterThan(0);
    expect(verdict?.isChanged).toBe(false);
  });

  it('calls another network changed where there is nothing to measure by', () => {
    const book = new GoldenBook();
    book.take(said(OTHER, plain));
    expect(book.verdict(OURS, TOLERANCE)).toMatchObject({ isChanged: true, shift: { max: 1 } });
    book.take(said(OURS, plain, 'another set'));
    expect(book.verdict(OURS, TOLERANCE)?.isChanged).toBe(false);
    book.take(said(OTHER, [[1, 0, 0]], 'another set'));
    expect(book.verdict(OURS, TOLERANCE)).toMatchObject({ isChanged: true, shift: { max: 1 } });
  });
});
