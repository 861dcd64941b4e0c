import { type EventLog, openKafkaEventLog } from '@glitchwatch/event-log';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithKafka } from '../brokers/describe-with-kafka.js';
import { checkSmallBench, smallBenchTimeoutMs } from '../fixtures/small-bench.js';
import {
  codeOf,
  newTopic,
  readAll,
  textOf,
  textRecord,
  unique,
  until,
  untilCaughtUp,
} from './event-log/setup.js';
import { eventLogContract } from './event-log-contract.js';

await describeWithKafka('event log: Kafka', ({ brokers, from, minSessionTimeoutMs }) => {
  const sessionTimeoutMs = Math.max(1500, minSessionTimeoutMs);
  const deadlineMs = 30_000;

  eventLogContract(
    `Kafka (${from})`,
    async () => ({
      open: () => openKafkaEventLog({ brokers }),
      inOtherProcess: {
        module: import.meta.resolve('@glitchwatch/event-log'),
        opener: 'openKafkaEventLog',
        options: { brokers },
      },
      dispose: async () => undefined,
    }),
    { deadlineMs, sessionTimeoutMs, cleansOnRequest: false },
  );

  describe('event log: Kafka, beyond the contract', () => {
    const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
    let log: EventLog;
    beforeAll(async () => {
      log = await openKafkaEventLog({ brokers });
      await admin.connect();
    });
    afterAll(async () => {
      await log.close();
      await admin.disconnect();
    });

    const settingsOf = async (topic: string): Promise<Record<string, string>> => {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: 2, name: topic }],
      });
      const entries = resources[0]?.configEntries ?? [];
      return Object.fromEntries(entries.map((each) => [each.configName, each.configValue]));
    };

    test('topics are made with the settings that their specification asks for', async () => {
      const events = await newTopic(log, 2, { retentionMs: 7_200_000 });
      expect(await settingsOf(events)).toMatchObject({
        'cleanup.policy': 'delete',
        'retention.ms': '7200000',
        'retention.bytes': '-1',
        'max.message.bytes': '1200000',
      });
      const models = await newTopic(log, 1, { cleanup: 'compact' });
      expect(await settingsOf(models)).toMatchObject({
        'cleanup.policy': 'compact',
        'retention.ms': '-1',
      });
    });

    test('a topic of somebody else is refused when its largest message is too small', async () => {
      const topic = unique('small');
      await admin.createTopics({
        topics: [
          {
            topic,
            numPartitions: 1,
            configEntries: [
              { name: 'retention.ms', value: '-1' },
              { name: 'max.message.bytes', value: '50000' },
            ],
          },
        ],
      });
      const spec = { name: topic, partitions: 1, cleanup: 'delete' } as const;
      await expect(log.ensureTopics([spec])).rejects.toThrow(/max\.message\.bytes.*found 50000/);
      // Used all the same: what is too large fails alone, its neighbours in the send do not.
      const other = await newTopic(log, 1);
      const large = { topic, key: 'k', value: new Uint8Array(60_000).map((_, i) => i * 7) };
      const ends = await Promise.allSettled([
        log.append([textRecord(other, 'k', 'before')]),
        log.append([large]),
        log.append([textRecord(topic, 'k', 'small'), textRecord(other, 'k', 'after')]),
      ]);
      expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(await codeOf(log.append([large]))).toBe('record_too_large');
      expect(new Set((await readAll(log, other)).map(textOf))).toEqual(
        new Set(['before', 'after']),
      );
      expect((await readAll(log, topic)).map(textOf)).toEqual(['small']);
    });

    test('logs with other prefixes share the cluster and see nothing of each other', async () => {
      const topic = unique('shared');
      const groupId = unique('group');
      const seen = new Map<string, string[]>();
      const logs = await Promise.all(
        ['one.', 'two.'].map((topicPrefix) => openKafkaEventLog({ brokers, topicPrefix })),
      );
      for (const [index, each] of logs.entries()) {
        const texts: string[] = [];
        seen.set(`${index}`, texts);
        await each.ensureTopics([{ name: topic, partitions: 2, cleanup: 'delete' }]);
        const [position] = await each.append([textRecord(topic, 'k', `of ${index}`)]);
        expect(position?.topic).toBe(topic);
        const consumer = await each.consume({
          groupId,
          topics: [topic],
          sessionTimeoutMs,
          handler: async ({ records }) => {
            texts.push(...records.map((record) => `${record.topic} ${textOf(record)}`));
            return [];
          },
        });
        await until('both partitions', deadlineMs, () => {
          return consumer.assignedPartitions().join() === `${topic}/0,${topic}/1`;
        });
        await untilCaughtUp(each, groupId, topic, deadlineMs);
      }
      expect([...seen.values()]).toEqual([[`${topic} of 0`], [`${topic} of 1`]]);
      expect(await admin.listTopics()).toEqual(
        expect.arrayContaining([`one.${topic}`, `two.${topic}`]),
      );
      await Promise.all(logs.map((each) => each.close()));
    });

    test('gzip goes in and comes out', async () => {
      const zipped = await openKafkaEventLog({ brokers, compression: 'gzip' });
      const topic = await newTopic(zipped, 1);
      const texts = Array.from({ length: 50 }, (_, i) => `${i} ${'same '.repeat(500)}`);
      await zipped.append(texts.map((text) => textRecord(topic, 'k', text)));
      expect((await readAll(log, topic)).map(textOf)).toEqual(texts);
      const [last] = await log.read(topic, 0, 49n, 1);
      expect(textOf(last!)).toBe(texts[49]);
      await zipped.close();
    });

    test('where the oldest records were removed, reads, tails and groups go on at the oldest kept', async () => {
      const topic = await newTopic(log, 1);
      const groupId = unique('group');
      const texts = Array.from({ length: 20 }, (_, i) => `${i}`);
      const seen: string[] = [];
      const consume = () =>
        log.consume({
          groupId,
          topics: [topic],
          sessionTimeoutMs,
          // Also for a group that once began at the end.
          from: 'latest',
          handler: async ({ records }) => {
            seen.push(...records.map(textOf));
            return [];
          },
        });
      const first = await consume();
      await until('the partition', deadlineMs, () => first.assignedPartitions().length === 1);
      await log.append(texts.slice(0, 5).map((text) => textRecord(topic, 'k', text)));
      await untilCaughtUp(log, groupId, topic, deadlineMs);
      await first.stop();
      await log.append(texts.slice(5).map((text) => textRecord(topic, 'k', text)));
      // kafkajs looks for the leader in the metadata that it happens to have.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '12' }] });
      expect((await log.offsets(topic))[0]).toEqual({ partition: 0, low: 12n, high: 20n });
      expect((await log.read(topic, 0, 3n, 2)).map(textOf)).toEqual(['12', '13']);
      const signal = new AbortController().signal;
      const from = new Map([[0, 2n]]);
      const tailed: string[] = [];
      for await (const batch of log.tail({ topic, from, signal, stopAtEnd: true })) {
        tailed.push(...batch.records.map(textOf));
      }
      expect(tailed).toEqual(texts.slice(12));
      expect((await log.lag(groupId, [topic]))[0]).toMatchObject({ committed: 5n, lag: 8n });
      const second = await consume();
      await untilCaughtUp(log, groupId, topic, deadlineMs);
      await second.stop();
      expect(seen).toEqual([...texts.slice(0, 5), ...texts.slice(12)]);
    });

    test('one large append of 30 MB in one partition keeps its order', async () => {
      const topic = await newTopic(log, 1);
      const value = new Uint8Array(40_000).map((_, i) => i * 13);
      const records = Array.from({ length: 750 }, (_, i) => ({
        topic,
        key: 'k',
        value,
        headers: { number: `${i}` },
      }));
      const positions = await log.append(records);
      expect(positions.map(({ offset }) => Number(offset))).toEqual(records.map((_, i) => i));
      const found = await readAll(log, topic);
      expect(found.map(({ headers }) => Number(headers.number))).toEqual(records.map((_, i) => i));
    });
  });

  test(
    'bench pipeline measures every phase on it and leaves no topic behind',
    async () => {
      await checkSmallBench('kafka', '--kafka', brokers.join(','));
      const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      const topics = await admin.listTopics();
      await admin.disconnect();
      expect(topics.filter((name) => name.startsWith('bench-'))).toEqual([]);
    },
    smallBenchTimeoutMs,
  );
});
