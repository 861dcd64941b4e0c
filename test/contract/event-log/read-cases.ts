import type { EventLog, RecordBatch } from '@glitchwatch/event-log';
import { beforeEach, describe, expect, test } from 'vitest';
import { codeOf, type Fixture, newTopic, readAll, textOf, textRecord, until } from './setup.js';

export function readCases(fixture: () => Fixture): void {
  let log: EventLog;
  beforeEach(async () => {
    log = await fixture().open();
  });

  async function filledTopic(partitions: number, count: number): Promise<string> {
    const topic = await newTopic(log, partitions);
    await log.append(Array.from({ length: count }, (_, i) => textRecord(topic, `k${i}`, `${i}`)));
    return topic;
  }

  /** Reads a tail in the background until it is aborted. */
  function follow(batches: AsyncIterable<RecordBatch>): { texts: string[]; ended: Promise<void> } {
    const texts: string[] = [];
    const ended = (async () => {
      for await (const batch of batches) texts.push(...batch.records.map(textOf));
    })();
    return { texts, ended };
  }

  describe('topics', () => {
    test('are listed by name, sorted, as soon as they are made', async () => {
      const made = [await newTopic(log, 1), await newTopic(log, 2, { cleanup: 'compact' })];
      const names = await log.topics();
      expect(names).toEqual(expect.arrayContaining(made));
      expect(names).toEqual([...names].sort());
      expect(names.filter((name) => name.startsWith('__'))).toEqual([]);
    });
  });

  describe('read', () => {
    test('answers up to `count` records from an offset, fewer at the end', async () => {
      const topic = await filledTopic(1, 10);
      const { low, high } = (await log.offsets(topic))[0]!;
      const texts = async (offset: bigint, count: number) =>
        (await log.read(topic, 0, offset, count)).map(textOf);
      expect(await texts(low, 4)).toEqual(['0', '1', '2', '3']);
      expect(await texts(low + 8n, 100)).toEqual(['8', '9']);
      expect(await texts(low, 100)).toHaveLength(10);
      expect(await texts(high, 5)).toEqual([]);
      expect(await texts(high + 1000n, 5)).toEqual([]);
    });

    test('offsets tell the oldest record and the next', async () => {
      const topic = await filledTopic(2, 0);
      expect(await log.offsets(topic)).toEqual([
        { partition: 0, low: 0n, high: 0n },
        { partition: 1, low: 0n, high: 0n },
      ]);
      const positions = await log.append([
        textRecord(topic, 'a', 'x'),
        textRecord(topic, 'a', 'y'),
      ]);
      const { partition } = positions[1]!;
      const offsets = await log.offsets(topic);
      expect(offsets[partition]!.high).toBeGreaterThan(positions[1]!.offset);
      expect(offsets[1 - partition]!.high).toBe(0n);
    });
  });

  describe('tail', () => {
    test('with stopAtEnd ends at what was the end', async () => {
      const topic = await filledTopic(3, 50);
      const seen: string[] = [];
      const signal = new AbortController().signal;
      const options = { topic, from: 'earliest', stopAtEnd: true, maxBatchRecords: 5 } as const;
      for await (const batch of log.tail({ ...options, signal })) {
        expect(batch.records.length).toBeLessThanOrEqual(5);
        expect(batch.records.every(({ partition }) => partition === batch.partition)).toBe(true);
        seen.push(...batch.records.map(textOf));
        // What comes meanwhile is not read, or this would never end.
        await log.append(Array.from({ length: 20 }, (_, i) => textRecord(topic, `k${i}`, 'new')));
      }
      expect(seen.sort()).toEqual(Array.from({ length: 50 }, (_, i) => `${i}`).sort());
    });

    test('with stopAtEnd of an empty topic ends at once', async () => {
      expect(await readAll(log, await filledTopic(2, 0))).toEqual([]);
    });

    test('from the earliest goes on with what comes, until it is aborted', async () => {
      const topic = await filledTopic(2, 10);
      const abort = new AbortController();
      const tail = follow(log.tail({ topic, from: 'earliest', signal: abort.signal }));
      await until('old records', fixture().traits.deadlineMs, () => tail.texts.length === 10);
      await log.append([textRecord(topic, 'a', 'live')]);
      await until('the live one', fixture().traits.deadlineMs, () => tail.texts.includes('live'));
      abort.abort();
      await tail.ended;
      expect(tail.texts).toHaveLength(11);
    });

    test('from the latest shows only what comes after it began', async () => {
      const topic = await filledTopic(2, 10);
      const abort = new AbortController();
      const tail = follow(log.tail({ topic, from: 'latest', signal: abort.signal }));
      // Repeated, because a tail may take a moment to find the end of the topic.
      await until('a live record', fixture().traits.deadlineMs, async () => {
        await log.append([textRecord(topic, 'a', 'live')]);
        return tail.texts.length > 0;
      });
      abort.abort();
      await tail.ended;
      expect(new Set(tail.texts)).toEqual(new Set(['live']));
    });

    test('from given offsets starts there, and at the earliest where none is given', async () => {
      const topic = await filledTopic(2, 40);
      const all = await readAll(log, topic);
      const start = all.filter(({ partition }) => partition === 1)[5]!.offset;
      const found: string[] = [];
      const signal = new AbortController().signal;
      const from = new Map([[1, start]]);
      for await (const batch of log.tail({ topic, from, signal, stopAtEnd: true })) {
        found.push(...batch.records.map(textOf));
      }
      const expected = all.filter(({ partition, offset }) => partition === 0 || offset >= start);
      expect(found.sort()).toEqual(expected.map(textOf).sort());
      expect(found.length).toBe(35);
    });

    test('sees what another instance appends', async () => {
      const topic = await filledTopic(1, 0);
      const other = await fixture().open();
      const abort = new AbortController();
      const tail = follow(log.tail({ topic, from: 'earliest', signal: abort.signal }));
      for (const text of ['first', 'second', 'third']) {
        await other.append([textRecord(topic, 'a', text)]);
        await until(text, fixture().traits.deadlineMs, () => tail.texts.includes(text));
      }
      abort.abort();
      await tail.ended;
    });

    test('ends when its log is closed', async () => {
      const topic = await filledTopic(1, 3);
      const tail = follow(
        log.tail({ topic, from: 'earliest', signal: new AbortController().signal }),
      );
      await until('records', fixture().traits.deadlineMs, () => tail.texts.length === 3);
      await log.close();
      await tail.ended;
    });

    test('holds no more than a batch while its reader is slow', async () => {
      const topic = await filledTopic(1, 100);
      const iterator = log
        .tail({
          topic,
          from: 'earliest',
          signal: new AbortController().signal,
          maxBatchRecords: 10,
        })
        [Symbol.asyncIterator]();
      for (let i = 0; i < 10; i++) {
        const { value } = await iterator.next();
        expect((value as RecordBatch).records.map(textOf)).toEqual(
          Array.from({ length: 10 }, (_, j) => `${i * 10 + j}`),
        );
      }
      await iterator.return?.();
    });

    test('that is aborted before it begins ends at once', async () => {
      const topic = await filledTopic(1, 3);
      const tail = follow(log.tail({ topic, from: 'earliest', signal: AbortSignal.abort() }));
      await tail.ended;
      expect(tail.texts).toEqual([]);
      expect(await codeOf(readAll(log, topic))).toBe('no error');
    });
  });
}
