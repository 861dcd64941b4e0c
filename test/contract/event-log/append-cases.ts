import {
  type EventLog,
  MAX_VALUE_BYTES,
  type OutgoingRecord,
  partitionOfKey,
} from '@glitchwatch/event-log';
import { beforeEach, describe, expect, test } from 'vitest';
import { codeOf, type Fixture, newTopic, readAll, textOf, textRecord, unique } from './setup.js';

export function appendCases(fixture: () => Fixture): void {
  let log: EventLog;
  beforeEach(async () => {
    log = await fixture().open();
  });

  describe('append', () => {
    test('puts a key into the partition that its hash names', async () => {
      const topic = await newTopic(log, 5);
      const keys = Array.from({ length: 100 }, (_, i) => `H1-${i * 7919}`);
      const positions = await log.append(keys.map((key) => textRecord(topic, key, key)));
      expect(positions.map(({ partition }) => partition)).toEqual(
        keys.map((key) => partitionOfKey(key, 5)),
      );
      for (const record of await readAll(log, topic)) {
        expect(record.partition).toBe(partitionOfKey(record.key ?? '', 5));
      }
    });

    test('keeps the order of one call within a partition', async () => {
      const topic = await newTopic(log, 2);
      const texts = Array.from({ length: 300 }, (_, i) => `${i}`);
      await log.append(texts.map((text) => textRecord(topic, 'one key', text)));
      const records = await readAll(log, topic);
      expect(records.map(textOf)).toEqual(texts);
      for (let i = 1; i < records.length; i++) {
        expect(records[i]!.offset).toBeGreaterThan(records[i - 1]!.offset);
      }
    });

    test('answers positions at which the records are read again', async () => {
      const topic = await newTopic(log, 3);
      const texts = Array.from({ length: 20 }, (_, i) => `text ${i}`);
      const positions = await log.append(texts.map((text) => textRecord(topic, text, text)));
      for (const [index, { partition, offset }] of positions.entries()) {
        const [record] = await log.read(topic, partition, offset, 1);
        expect(record?.offset).toBe(offset);
        expect(textOf(record!)).toBe(texts[index]);
      }
    });

    test('keeps the order of each key among concurrent calls', async () => {
      const topic = await newTopic(log, 4);
      const keys = Array.from({ length: 12 }, (_, i) => `key ${i}`);
      await Promise.all(
        keys.map(async (key) => {
          for (let i = 0; i < 25; i++) await log.append([textRecord(topic, key, `${i}`)]);
        }),
      );
      const records = await readAll(log, topic);
      for (const key of keys) {
        const texts = records.filter((record) => record.key === key).map(textOf);
        expect(texts).toEqual(Array.from({ length: 25 }, (_, i) => `${i}`));
      }
    });

    test('gives back key, headers, timestamp and value as they were', async () => {
      const topic = await newTopic(log, 1);
      const largest = new Uint8Array(MAX_VALUE_BYTES).map((_, i) => i * 31);
      const records: OutgoingRecord[] = [
        { topic, key: 'a', value: new Uint8Array([0, 255, 1]), timestampMs: 1_700_000_000_123 },
        { topic, key: 'Łódź ☃', value: new Uint8Array(), headers: { trace: 'ü=1', empty: '' } },
        { topic, value: new Uint8Array([7]), headers: {} },
        { topic, key: '', value: largest },
      ];
      const beforeMs = Date.now();
      await log.append(records);
      const found = await readAll(log, topic);
      expect(found.map(({ key }) => key)).toEqual(['a', 'Łódź ☃', undefined, '']);
      expect(found.map(({ headers }) => headers)).toEqual([
        {},
        { trace: 'ü=1', empty: '' },
        {},
        {},
      ]);
      expect(found[0]!.timestampMs).toBe(1_700_000_000_123);
      expect(found[1]!.timestampMs).toBeGreaterThanOrEqual(beforeMs);
      expect(found[1]!.timestampMs).toBeLessThanOrEqual(Date.now());
      for (const [index, record] of found.entries()) {
        expect(Buffer.compare(record.value, records[index]!.value)).toBe(0);
      }
    });

    test('spreads records without a key over the partitions', async () => {
      const topic = await newTopic(log, 4);
      for (let i = 0; i < 200; i++) {
        await log.append(
          Array.from({ length: 5 }, () => textRecord(topic, undefined, 'x'.repeat(1000))),
        );
      }
      const counts = new Map<number, number>();
      for (const { partition } of await readAll(log, topic)) {
        counts.set(partition, (counts.get(partition) ?? 0) + 1);
      }
      expect([...counts.keys()].sort()).toEqual([0, 1, 2, 3]);
      for (const count of counts.values()) expect(count).toBeGreaterThan(50);
    });

    test('of nothing does nothing', async () => {
      expect(await log.append([])).toEqual([]);
    });

    test('refuses a record that is too large and takes the next', async () => {
      const topic = await newTopic(log, 1);
      const tooLarge = { topic, key: 'k', value: new Uint8Array(MAX_VALUE_BYTES + 1) };
      expect(await codeOf(log.append([tooLarge]))).toBe('record_too_large');
      const headers = { long: 'x'.repeat(70_000) };
      expect(await codeOf(log.append([{ topic, value: new Uint8Array(1), headers }]))).toBe(
        'record_too_large',
      );
      await log.append([textRecord(topic, 'k', 'fits')]);
      expect((await readAll(log, topic)).map(textOf)).toEqual(['fits']);
    });

    test('refuses a topic that does not exist', async () => {
      const topic = unique('missing');
      expect(await codeOf(log.append([textRecord(topic, 'k', 'x')]))).toBe('unknown_topic');
      expect(await codeOf(log.offsets(topic))).toBe('unknown_topic');
      expect(await codeOf(log.read(topic, 0, 0n, 1))).toBe('unknown_topic');
      expect(await codeOf(readAll(log, topic))).toBe('unknown_topic');
      const consumed = log.consume({
        groupId: unique('g'),
        topics: [topic],
        handler: async () => [],
      });
      expect(await codeOf(consumed)).toBe('unknown_topic');
    });
  });

  describe('topics', () => {
    test('may be ensured again, and refuse another shape', async () => {
      const name = unique('topic');
      const spec = { name, partitions: 3, cleanup: 'delete', retentionMs: 3_600_000 } as const;
      await log.ensureTopics([spec, spec]);
      await log.ensureTopics([spec]);
      for (const other of [
        { ...spec, partitions: 4 },
        { ...spec, cleanup: 'compact' as const },
        { ...spec, retentionMs: 7_200_000 },
      ]) {
        expect(await codeOf(log.ensureTopics([other]))).toBe('topic_mismatch');
      }
      expect(await log.offsets(name)).toHaveLength(3);
    });

    test('are made once when several ask at the same moment', async () => {
      const other = await fixture().open();
      const specs = Array.from({ length: 4 }, () => ({
        name: unique('topic'),
        partitions: 2,
        cleanup: 'delete' as const,
      }));
      await Promise.all([log, other, log, other].map((each) => each.ensureTopics(specs)));
      for (const { name } of specs) {
        await log.append([textRecord(name, 'k', 'from one')]);
        await other.append([textRecord(name, 'k', 'from the other')]);
        expect((await readAll(other, name)).map(textOf)).toEqual(['from one', 'from the other']);
      }
    });
  });

  describe('a closed log', () => {
    test('refuses everything, and may be closed twice', async () => {
      const topic = await newTopic(log, 1);
      await Promise.all([log.close(), log.close()]);
      await log.close();
      const signal = new AbortController().signal;
      const calls: (() => Promise<unknown>)[] = [
        () => log.append([textRecord(topic, 'k', 'x')]),
        () => log.read(topic, 0, 0n, 1),
        () => log.offsets(topic),
        () => log.lag('g', [topic]),
        () => log.clean(),
        () => log.ensureTopics([]),
        () => log.consume({ groupId: 'g', topics: [topic], handler: async () => [] }),
        async () => {
          for await (const _ of log.tail({ topic, from: 'earliest', signal }));
        },
      ];
      for (const call of calls) expect(await codeOf(call())).toBe('closed');
    });

    test('has kept what was acknowledged', async () => {
      const topic = await newTopic(log, 2);
      const pending = Array.from({ length: 50 }, (_, i) =>
        log.append([textRecord(topic, `${i}`, `${i}`)]),
      );
      const closed = log.close();
      const ends = await Promise.allSettled(pending);
      await closed;
      const kept = ends.filter(({ status }) => status === 'fulfilled').length;
      const found = await readAll(await fixture().open(), topic);
      expect(found.length).toBeGreaterThanOrEqual(kept);
    });
  });
}
