import type { EventLog, RecordBatch } from '@glitchwatch/event-log';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type Fixture,
  newTopic,
  readAll,
  textOf,
  textRecord,
  totalLag,
  unique,
  until,
  untilCaughtUp,
} from './setup.js';

/** One consumer and its batches; groups with several members are in group-cases.ts. */
export function consumerCases(fixture: () => Fixture): void {
  let log: EventLog;
  let topic: string;
  let groupId: string;
  let deadlineMs: number;
  let sessionTimeoutMs: number;
  beforeEach(async () => {
    log = await fixture().open();
    topic = await newTopic(log, 3);
    groupId = unique('group');
    ({ deadlineMs, sessionTimeoutMs } = fixture().traits);
  });

  const fill = (count: number, name = ''): Promise<unknown> =>
    log.append(Array.from({ length: count }, (_, i) => textRecord(topic, `k${i}`, `${name}${i}`)));

  describe('a consumer', () => {
    test('gets every record once, in order within each partition', async () => {
      await fill(500);
      const batches: RecordBatch[] = [];
      await log.consume({
        groupId,
        topics: [topic],
        sessionTimeoutMs,
        maxBatchRecords: 32,
        handler: async (batch) => {
          batches.push(batch);
          return [];
        },
      });
      await untilCaughtUp(log, groupId, topic, deadlineMs);
      const expected = await readAll(log, topic);
      for (const partition of [0, 1, 2]) {
        const seen = batches.filter((b) => b.partition === partition).flatMap((b) => b.records);
        expect(seen.map(textOf)).toEqual(
          expected.filter((record) => record.partition === partition).map(textOf),
        );
      }
      expect(Math.max(...batches.map(({ records }) => records.length))).toBeLessThanOrEqual(32);
    });

    test('gets what comes later', async () => {
      const seen: string[] = [];
      await log.consume({
        groupId,
        topics: [topic],
        sessionTimeoutMs,
        handler: async ({ records }) => {
          seen.push(...records.map(textOf));
          return [];
        },
      });
      for (let i = 0; i < 5; i++) {
        await log.append([textRecord(topic, 'k', `${i}`)]);
        await until(`record ${i}`, deadlineMs, () => seen.includes(`${i}`));
      }
      expect(seen).toEqual(['0', '1', '2', '3', '4']);
    });

    test('commits a batch only after its outputs are in the log', async () => {
      const outputTopic = await newTopic(log, 2);
      await fill(60);
      await log.consume({
        groupId,
        topics: [topic],
        sessionTimeoutMs,
        maxBatchRecords: 7,
        handler: async ({ records }) =>
          records.map((record) => textRecord(outputTopic, record.key, textOf(record))),
      });
      let processed = 0;
      await until('all are processed', deadlineMs, async () => {
        // Read in this order, outputs can only be ahead of the commits.
        processed = 60 - (await totalLag(log, groupId, topic));
        const outputs = new Set((await readAll(log, outputTopic)).map(textOf));
        expect(outputs.size).toBeGreaterThanOrEqual(processed);
        return processed === 60;
      });
    });

    test('goes on after the last commit when it comes back', async () => {
      await fill(30, 'first ');
      const seen: string[] = [];
      const consume = () =>
        log.consume({
          groupId,
          topics: [topic],
          sessionTimeoutMs,
          handler: async ({ records }) => {
            seen.push(...records.map(textOf));
            return [];
          },
        });
      const first = await consume();
      await untilCaughtUp(log, groupId, topic, deadlineMs);
      await first.stop();
      await fill(30, 'second ');
      expect(seen).toHaveLength(30);
      const second = await consume();
      await untilCaughtUp(log, groupId, topic, deadlineMs);
      await second.stop();
      expect(seen).toHaveLength(60);
      expect(new Set(seen).size).toBe(60);
    });

    test('of a group without a commit begins where it is told to', async () => {
      await fill(20, 'old ');
      const latest: string[] = [];
      const consumer = await log.consume({
        groupId,
        topics: [topic],
        from: 'latest',
        sessionTimeoutMs,
        handler: async ({ records }) => {
          latest.push(...records.map(textOf));
          return [];
        },
      });
      await until('partitions', deadlineMs, () => consumer.assignedPartitions().length === 3);
      await until('new records', deadlineMs, async () => {
        await fill(3, 'new ');
        return latest.length > 0;
      });
      expect(latest.filter((text) => text.startsWith('old'))).toEqual([]);
    });

    test('gets a batch again after its handler has thrown, and others go on', async () => {
      await fill(90);
      const partitions = await readAll(log, topic);
      const failing = partitions.find(({ partition }) => partition === 1)!;
      let failures = 0;
      const told: { error: Error; batch: RecordBatch | undefined }[] = [];
      const seen: string[] = [];
      await log.consume({
        groupId,
        topics: [topic],
        sessionTimeoutMs,
        maxBatchRecords: 10,
        handler: async ({ records }) => {
          if (records.some(({ partition }) => partition === 1) && failures < 3) {
            failures += 1;
            throw new Error(`failure ${failures}`);
          }
          seen.push(...records.map(textOf));
          return [];
        },
        onError: (error, batch) => told.push({ error, batch }),
      });
      await until('the first failure', deadlineMs, () => failures > 0);
      const [, lag] = await log.lag(groupId, [topic]);
      if (failures < 3) expect(lag?.committed ?? failing.offset).toBe(failing.offset);
      await untilCaughtUp(log, groupId, topic, deadlineMs);
      expect(failures).toBe(3);
      expect(told.map(({ error }) => error.message)).toEqual([
        'failure 1',
        'failure 2',
        'failure 3',
      ]);
      expect(told.every(({ batch }) => batch?.records[0]?.offset === failing.offset)).toBe(true);
      expect(seen).toHaveLength(90);
      expect(new Set(seen).size).toBe(90);
    });

    test('tells its lag', async () => {
      const before = await log.lag(groupId, [topic]);
      expect(before.map(({ committed, lag }) => [committed, lag])).toEqual(
        Array.from({ length: 3 }, () => [undefined, 0n]),
      );
      await fill(40);
      expect(await totalLag(log, groupId, topic)).toBe(40);
      const consumer = await log.consume({
        groupId,
        topics: [topic],
        sessionTimeoutMs,
        handler: async () => [],
      });
      await untilCaughtUp(log, groupId, topic, deadlineMs);
      await consumer.stop();
      await fill(7);
      expect(await totalLag(log, groupId, topic)).toBe(7);
      for (const { partition, committed, lag } of await log.lag(groupId, [topic])) {
        const { high } = (await log.offsets(topic))[partition]!;
        expect((committed ?? 0n) + lag).toBe(high);
      }
    });

    test('reads several topics', async () => {
      const second = await newTopic(log, 1);
      await fill(10);
      await log.append([textRecord(second, 'k', 'from the second')]);
      const seen: string[] = [];
      const consumer = await log.consume({
        groupId,
        topics: [topic, second],
        sessionTimeoutMs,
        handler: async (batch) => {
          seen.push(...batch.records.map((record) => `${batch.topic} ${textOf(record)}`));
          return [];
        },
      });
      await until('all', deadlineMs, () => seen.length === 11);
      expect(seen).toContain(`${second} from the second`);
      expect(consumer.assignedPartitions()).toEqual(
        [`${topic}/0`, `${topic}/1`, `${topic}/2`, `${second}/0`].sort(),
      );
    });
  });

  describe('back-pressure', () => {
    test('one batch at a time per partition, of bounded size, while the handler is slow', async () => {
      await fill(300);
      const inHand = new Map<number, number>();
      let mostAtOnce = 0;
      let largest = 0;
      const waiting: (() => void)[] = [];
      let slow = true;
      await log.consume({
        groupId,
        topics: [topic],
        sessionTimeoutMs,
        maxBatchRecords: 20,
        handler: async ({ partition, records }) => {
          inHand.set(partition, (inHand.get(partition) ?? 0) + 1);
          mostAtOnce = Math.max(mostAtOnce, ...inHand.values());
          largest = Math.max(largest, records.length);
          if (slow) await new Promise<void>((resolve) => waiting.push(resolve));
          inHand.set(partition, (inHand.get(partition) ?? 0) - 1);
          return [];
        },
      });
      await until('a batch of each partition', deadlineMs, () => waiting.length === 3);
      await fill(300);
      expect(waiting.length).toBe(3);
      slow = false;
      for (const resolve of waiting) resolve();
      await untilCaughtUp(log, groupId, topic, deadlineMs);
      expect(mostAtOnce).toBe(1);
      expect(largest).toBeLessThanOrEqual(20);
    });

    test('batches stay below maxBatchBytes; one larger record comes alone', async () => {
      const big = 'b'.repeat(5000);
      await log.append(
        Array.from({ length: 12 }, (_, i) =>
          textRecord(topic, 'k', i === 6 ? big : 's'.repeat(300)),
        ),
      );
      const batches: number[][] = [];
      await log.consume({
        groupId,
        topics: [topic],
        sessionTimeoutMs,
        maxBatchBytes: 2000,
        handler: async ({ records }) => {
          batches.push(records.map(({ value }) => value.length));
          return [];
        },
      });
      await untilCaughtUp(log, groupId, topic, deadlineMs);
      expect(batches.flat()).toHaveLength(12);
      for (const sizes of batches) {
        const total = sizes.reduce((sum, size) => sum + size, 0);
        expect(sizes.length === 1 || total <= 2000).toBe(true);
      }
    });

    test('a paused consumer takes no batch and stays in its group; resumed it goes on', async () => {
      const seen: string[] = [];
      const consumer = await log.consume({
        groupId,
        topics: [topic],
        sessionTimeoutMs,
        handler: async ({ records }) => {
          seen.push(...records.map(textOf));
          return [];
        },
      });
      await until('partitions', deadlineMs, () => consumer.assignedPartitions().length === 3);
      await fill(5, 'before ');
      await untilCaughtUp(log, groupId, topic, deadlineMs);
      consumer.pause();
      // A read that was already under way may still deliver; what comes later may not.
      await fill(3, 'while ');
      const hasPassed = (timeMs: number): Promise<void> => {
        const end = Date.now() + timeMs;
        return until('time passes', timeMs + deadlineMs, () => Date.now() > end);
      };
      await hasPassed(sessionTimeoutMs / 2);
      await fill(10, 'later ');
      await hasPassed(sessionTimeoutMs * 1.5);
      expect(seen.filter((text) => text.startsWith('later'))).toEqual([]);
      expect(consumer.assignedPartitions()).toHaveLength(3);
      consumer.resume();
      await untilCaughtUp(log, groupId, topic, deadlineMs);
      expect(new Set(seen).size).toBe(18);
    });
  });

  describe('stop', () => {
    test('tells the handler, lets its batch end and commits it', async () => {
      await fill(1);
      let told = false;
      let began = false;
      const consumer = await log.consume({
        groupId,
        topics: [topic],
        sessionTimeoutMs,
        handler: async (_batch, { signal }) => {
          began = true;
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
          told = signal.aborted;
          return [];
        },
      });
      await until('the batch', deadlineMs, () => began);
      await Promise.all([consumer.stop(), consumer.stop()]);
      expect(told).toBe(true);
      expect(await totalLag(log, groupId, topic)).toBe(0);
      expect(consumer.assignedPartitions()).toEqual([]);
    });

    test('does not wait for the pause after a failure', async () => {
      await fill(1);
      let failures = 0;
      const consumer = await log.consume({
        groupId,
        topics: [topic],
        sessionTimeoutMs,
        handler: async () => {
          failures += 1;
          throw new Error('always');
        },
      });
      await until('failures', deadlineMs, () => failures >= 2);
      await consumer.stop();
      expect(await totalLag(log, groupId, topic)).toBe(1);
    });

    test('of the log stops its consumers', async () => {
      await fill(10);
      let handled = 0;
      const other = await fixture().open();
      await other.consume({
        groupId,
        topics: [topic],
        sessionTimeoutMs,
        handler: async ({ records }) => {
          handled += records.length;
          return [];
        },
      });
      await untilCaughtUp(log, groupId, topic, deadlineMs);
      await other.close();
      await fill(10);
      const seen: string[] = [];
      await log.consume({
        groupId,
        topics: [topic],
        sessionTimeoutMs,
        handler: async ({ records }) => {
          seen.push(...records.map(textOf));
          return [];
        },
      });
      await untilCaughtUp(log, groupId, topic, deadlineMs);
      expect(handled).toBe(10);
      expect(seen).toHaveLength(10);
    });
  });
}
