import type { LogRecord } from '@glitchwatch/event-log';
import { expect, it } from 'vitest';
import { Blobs, EMBEDDER, glitchRecord } from '../test/blobs.js';
import { Assigner } from './assigner.js';
import { BatchProcessor } from './batch-processor.js';
import { ReferenceStore } from './reference-store.js';

const rules = { minGroupSize: 5, window: 50, everyMemberUpTo: 10, updateEveryMs: 60_000 };

function processor() {
  const store = new ReferenceStore({ maxGlitches: 100 });
  return { store, batches: new BatchProcessor(new Assigner(store, rules, () => 0)) };
}

function logged(n: number, dimension: number): LogRecord {
  const { record } = glitchRecord(n, 0, new Blobs({ seed: n, dimension }).draw(0));
  return {
    topic: record.topic,
    partition: 0,
    offset: BigInt(n),
    key: record.key,
    value: record.value,
    headers: {},
    timestampMs: 0,
  };
}

it('takes what the first embedding is as the rule for all, and keeps repeats out', () => {
  const { store, batches } = processor();
  const { outcomes } = batches.process([logged(0, 4), logged(1, 3), logged(2, 4), logged(0, 4)]);
  expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'poison', 'done', 'done']);
  expect(store.size).toBe(2);
});

it('holds to the kind of the model in force, whatever comes first', () => {
  const { store, batches } = processor();
  batches.expect({ dimension: 4, embedderSha256: EMBEDDER });
  batches.remember(logged(0, 3));
  batches.remember(logged(1, 4));
  expect(store.size).toBe(1);
  expect(store.dimension).toBe(4);
});
