import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventLog, openEmbeddedEventLog } from '@glitchwatch/event-log';
import { topicLayouts } from '@glitchwatch/proto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Blobs, EMBEDDER, glitchRecord } from '../test/blobs.js';
import { EmbeddingKindRule } from './embedding-kind.js';

let dir: string;
let log: EventLog;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'glitchwatch-kind-test-'));
  log = await openEmbeddedEventLog({ dir });
  await log.ensureTopics(topicLayouts);
});
afterEach(async () => {
  await log.close();
  await rm(dir, { recursive: true, force: true });
});

const append = (n: number, dimension: number, timestampMs: number) => {
  const { record } = glitchRecord(n, 0, new Blobs({ seed: n, dimension }).draw(0));
  return log.append([{ ...record, timestampMs }]);
};

it('is what the first good embedding on the log is, whichever partition it is in', async () => {
  const rule = new EmbeddingKindRule(log, () => undefined);
  expect(await rule.resolve()).toBeUndefined();
  const { record } = glitchRecord(0, 0, new Float32Array(5));
  await log.append([{ ...record, timestampMs: 1 }]);
  for (let n = 1; n <= 8; n++) await append(n, n === 3 ? 4 : 6, n === 3 ? 2 : 2 + n);
  expect(await rule.resolve()).toEqual({ dimension: 4, embedderSha256: EMBEDDER });
  await append(9, 7, 0);
  expect(rule.known).toEqual({ dimension: 4, embedderSha256: EMBEDDER });
});

it('is that of the model in force, whatever comes first', async () => {
  const ofModel = { dimension: 3, embedderSha256: EMBEDDER };
  await append(0, 4, 1);
  expect(await new EmbeddingKindRule(log, () => ofModel).resolve()).toEqual(ofModel);
});
