import type { LogRecord } from '@glitchwatch/event-log';
import { Embedding, topics } from '@glitchwatch/proto';
import { describe, expect, it } from 'vitest';
import { acceptEmbedding } from './embedding-intake.js';

const record = (value: Uint8Array): LogRecord => ({
  topic: topics.embeddings,
  partition: 1,
  offset: 42n,
  key: 'g',
  value,
  headers: {},
  timestampMs: 0,
});

const embedding = (vector: number[], glitchId = 'g', embedderSha256 = 'e'): LogRecord =>
  record(
    Embedding.encode(
      Embedding.fromPartial({
        trigger: { glitchId, ifo: 'H1' },
        vector,
        embedderSha256,
        ingestedAtMs: 7n,
      }),
    ).finish(),
  );

const kind = { dimension: 2, embedderSha256: 'e' };

describe('acceptEmbedding', () => {
  it('normalises', () => {
    const accepted = acceptEmbedding(embedding([3, 4]), kind);
    expect(accepted.vector[0]).toBeCloseTo(0.6, 6);
    expect(accepted.vector[1]).toBeCloseTo(0.8, 6);
    expect(accepted).toMatchObject({ glitchId: 'g', embedderSha256: 'e', ingestedAtMs: 7 });
  });

  it('leaves a unit vector bit for bit', () => {
    const vector = Float32Array.of(0.6, 0.8);
    expect(acceptEmbedding(embedding([...vector]), kind).vector).toEqual(vector);
  });

  it.each([
    ['another dimension', embedding([1, 0, 0]), 'wrong_dimension', 'expected 2 elements, found 3'],
    ['another embedder', embedding([1, 0], 'g', 'f'), 'wrong_embedder', 'expected embedder e'],
    ['NaN', embedding([1, Number.NaN]), 'bad_embedding', 'found NaN at element 1'],
    ['infinity', embedding([Number.NEGATIVE_INFINITY, 0]), 'bad_embedding', 'at element 0'],
    ['length zero', embedding([0, 0]), 'bad_embedding', 'can be normalised, found length 0'],
    ['no glitch id', embedding([1, 0], ''), 'bad_embedding', 'expected a trigger with a glitch id'],
    ['no protobuf', record(Uint8Array.of(0xff, 0xff)), 'bad_embedding', 'partition'],
  ])('refuses %s', (_, bad, code, message) => {
    expect(() => acceptEmbedding(bad, kind)).toThrow(
      expect.objectContaining({
        code,
        message:
          message === 'partition'
            ? expect.stringContaining('/1 offset 42')
            : expect.stringContaining(message),
      }),
    );
  });

  it('refuses an empty vector when it is the first', () => {
    expect(() => acceptEmbedding(embedding([]), undefined)).toThrow(
      'expected at least one element',
    );
  });
});
