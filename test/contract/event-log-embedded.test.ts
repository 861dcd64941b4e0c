import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedEventLog } from '@glitchwatch/event-log';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Child,
  newTopic,
  readAll,
  spawnChild,
  textOf,
  textRecord,
} from './event-log/setup.js';
import { eventLogContract } from './event-log-contract.js';
import { until } from './until.js';

const inOtherProcess = (dir: string) => ({
  module: import.meta.resolve('@glitchwatch/event-log'),
  opener: 'openEmbeddedEventLog',
  options: { dir },
});

const newDir = (): Promise<string> => mkdtemp(join(tmpdir(), 'glitchwatch-event-log-'));

eventLogContract(
  'embedded (LMDB)',
  async () => {
    const dir = await newDir();
    return {
      open: () => openEmbeddedEventLog({ dir }),
      inOtherProcess: inOtherProcess(dir),
      dispose: () => rm(dir, { recursive: true, force: true }),
    };
  },
  { deadlineMs: 15_000, sessionTimeoutMs: 1500, cleansOnRequest: true },
);

/** What it promises beyond the port. */
describe('event log: embedded (LMDB), beyond the contract', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await newDir();
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  test('exactly once from topic to topic, and a death is noticed long before the session ends', async () => {
    const log = await openEmbeddedEventLog({ dir });
    const topic = await newTopic(log, 4);
    const outputTopic = await newTopic(log, 2);
    const groupId = 'exactly-once';
    const total = 600;
    const start = (): Child =>
      spawnChild(inOtherProcess(dir), {
        role: 'consume',
        groupId,
        topic,
        outputTopic,
        sessionTimeoutMs: 600_000,
        batchMs: 3,
        maxBatchRecords: 5,
      });
    let child = start();
    try {
      await log.append(
        Array.from({ length: total }, (_, i) => textRecord(topic, `k${i}`, `event ${i}`)),
      );
      const outputs = async (): Promise<string[]> => (await readAll(log, outputTopic)).map(textOf);
      for (let deaths = 0; deaths < 4; deaths++) {
        const before = (await outputs()).length;
        // The next owner is let in although the dead one's session is ten minutes long.
        await until('outputs', 15_000, async () => (await outputs()).length >= before + 60);
        child.signal('SIGKILL');
        await child.exited;
        child = start();
      }
      await until('all outputs', 15_000, async () => (await outputs()).length >= total);
      const found = await outputs();
      expect(found).toHaveLength(total);
      expect(new Set(found).size).toBe(total);
    } finally {
      child.signal('SIGKILL');
      await child.exited;
      await log.close();
    }
  });
});
