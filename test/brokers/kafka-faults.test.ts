import { type EventLog, type GroupConsumer, openKafkaEventLog } from '@glitchwatch/event-log';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  newTopic,
  readAll,
  textOf,
  textRecord,
  unique,
  until,
  untilCaughtUp,
} from '../contract/event-log/setup.js';
import { describeWithOwnKafka } from './describe-with-kafka.js';
import type { LocalKafka } from './kafka.js';

await describeWithOwnKafka('Kafka is killed', (start) => {
  describe('Kafka is killed', () => {
    let kafka: LocalKafka;
    const logs: EventLog[] = [];
    beforeAll(async () => {
      kafka = await start();
    });
    afterAll(() => kafka.stop());
    afterEach(async () => {
      await Promise.all(logs.splice(0).map((log) => log.close()));
    });

    const open = async (): Promise<EventLog> => {
      const log = await openKafkaEventLog({ brokers: kafka.brokers });
      logs.push(log);
      return log;
    };

    /** Appends numbers without end, from several loops at once; tells which were acknowledged. */
    function feed(log: EventLog, topic: string) {
      const acknowledged: string[] = [];
      const failures: string[] = [];
      let going = true;
      const loops = Array.from({ length: 4 }, async (_, loop) => {
        for (let i = 0; going; i++) {
          const text = `${loop}-${i}`;
          try {
            await log.append([textRecord(topic, `k${i % 13}`, text)]);
            acknowledged.push(text);
          } catch (error) {
            failures.push(error instanceof Error ? error.message : String(error));
          }
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      });
      const stop = async (): Promise<void> => {
        going = false;
        await Promise.all(loops);
      };
      return { acknowledged, failures, stop };
    }

    test('kill -9 and restart under load, twice: nothing acknowledged is lost, each key keeps its order', async () => {
      const log = await open();
      const topic = await newTopic(log, 4);
      const outputTopic = await newTopic(log, 2);
      const groupId = unique('group');
      const members: GroupConsumer[] = [];
      for (let i = 0; i < 2; i++) {
        const own = await open();
        members.push(
          await own.consume({
            groupId,
            topics: [topic],
            sessionTimeoutMs: 2000,
            maxBatchRecords: 20,
            handler: async ({ records }) =>
              records.map((record) => textRecord(outputTopic, record.key, textOf(record))),
          }),
        );
      }
      const seenLive = new Set<string>();
      const abort = new AbortController();
      const following = (async () => {
        for await (const batch of log.tail({ topic, from: 'earliest', signal: abort.signal })) {
          for (const record of batch.records) seenLive.add(textOf(record));
        }
      })();

      const feeding = feed(log, topic);
      for (let round = 0; round < 2; round++) {
        const before = feeding.acknowledged.length;
        await until('load', 30_000, () => feeding.acknowledged.length > before + 200);
        await kafka.kill();
        await kafka.restart();
      }
      const after = feeding.acknowledged.length;
      await until('load again', 60_000, () => feeding.acknowledged.length > after + 200);
      await feeding.stop();
      await untilCaughtUp(log, groupId, topic, 60_000);

      const stored = await readAll(log, topic);
      const texts = stored.map(textOf);
      const outputs = new Set((await readAll(log, outputTopic)).map(textOf));
      const lost = feeding.acknowledged.filter((text) => !texts.includes(text));
      const unprocessed = feeding.acknowledged.filter((text) => !outputs.has(text));
      expect({ failures: feeding.failures, lost, unprocessed }).toEqual({
        failures: [],
        lost: [],
        unprocessed: [],
      });
      // The idempotent producer: what was sent twice is stored once.
      expect(texts).toHaveLength(new Set(texts).size);
      const lastOf = new Map<string, number>();
      for (const record of stored) {
        const [loop, number] = textOf(record).split('-');
        const name = `${loop} ${record.key}`;
        expect(Number(number)).toBeGreaterThan(lastOf.get(name) ?? -1);
        lastOf.set(name, Number(number));
      }
      await until('the tail', 30_000, () => feeding.acknowledged.every((x) => seenLive.has(x)));
      abort.abort();
      await following;
      expect(members.flatMap((member) => member.assignedPartitions())).toHaveLength(4);
    });

    test('while it is away: appends are unavailable after their deadline and reads after theirs; then all goes on', async () => {
      const log = await openKafkaEventLog({
        brokers: kafka.brokers,
        deliveryTimeoutMs: 1500,
        requestDeadlineMs: 1500,
      });
      logs.push(log);
      const topic = await newTopic(log, 1);
      await log.append([textRecord(topic, 'k', 'before')]);
      await kafka.kill();
      const codeOf = async (call: Promise<unknown>): Promise<string> => {
        const beganMs = Date.now();
        const code = await call.then(
          () => 'no error',
          (error: unknown) => String((error as { code?: string }).code),
        );
        expect(Date.now() - beganMs).toBeLessThan(8000);
        return code;
      };
      expect(await codeOf(log.append([textRecord(topic, 'k', 'away')]))).toBe('unavailable');
      expect(await codeOf(log.read(topic, 0, 0n, 1))).toBe('unavailable');
      expect(await codeOf(log.lag('group', [topic]))).toBe('unavailable');
      expect(
        await codeOf(log.ensureTopics([{ name: 'x', partitions: 1, cleanup: 'delete' }])),
      ).toBe('unavailable');
      const unreachable = openKafkaEventLog({ brokers: kafka.brokers, requestDeadlineMs: 500 });
      expect(await codeOf(unreachable)).toBe('unavailable');
      await kafka.restart();
      await log.append([textRecord(topic, 'k', 'after')]);
      // What was given up is not sent behind the caller's back.
      expect((await readAll(log, topic)).map(textOf)).toEqual(['before', 'after']);
    });

    test('closing while it is away takes no longer than its patience', async () => {
      const log = await openKafkaEventLog({ brokers: kafka.brokers });
      const topic = await newTopic(log, 1);
      await log.consume({
        groupId: unique('group'),
        topics: [topic],
        handler: async () => [],
      });
      await kafka.kill();
      const beganMs = Date.now();
      await log.close();
      expect(Date.now() - beganMs).toBeLessThan(25_000);
      await kafka.restart();
    });
  });
});
