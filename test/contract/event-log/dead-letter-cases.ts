import {
  consumeWithDeadLetters,
  deadLetterTopicOf,
  type EventLog,
  listDeadLetters,
  MAX_VALUE_BYTES,
} from '@glitchwatch/event-log';
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

export function deadLetterCases(fixture: () => Fixture): void {
  let log: EventLog;
  let topic: string;
  let outputTopic: string;
  let groupId: string;
  let deadlineMs: number;
  let sessionTimeoutMs: number;
  beforeEach(async () => {
    log = await fixture().open();
    topic = await newTopic(log, 2);
    outputTopic = await newTopic(log, 1);
    groupId = unique('group');
    ({ deadlineMs, sessionTimeoutMs } = fixture().traits);
  });

  describe('consumeWithDeadLetters', () => {
    test('keeps a poison record with its error and origin, and the rest goes on', async () => {
      const texts = Array.from({ length: 30 }, (_, i) => (i % 10 === 3 ? `bad ${i}` : `good ${i}`));
      await log.append(
        texts.map((text, i) => ({
          ...textRecord(topic, `k${i}`, text),
          headers: { own: `h${i}` },
        })),
      );
      const counted: string[] = [];
      await consumeWithDeadLetters(log, {
        groupId,
        topics: [topic],
        sessionTimeoutMs,
        process: async (records) =>
          records.map((record) =>
            textOf(record).startsWith('bad')
              ? {
                  kind: 'poison',
                  code: 'not_good',
                  message: `expected good, found ${textOf(record)}`,
                }
              : { kind: 'done', outputs: [textRecord(outputTopic, record.key, textOf(record))] },
          ),
        onDeadLetter: (record, code) => counted.push(`${code} ${textOf(record)}`),
      });
      await untilCaughtUp(log, groupId, topic, deadlineMs);
      const outputs = (await readAll(log, outputTopic)).map(textOf);
      expect(outputs.sort()).toEqual(texts.filter((text) => text.startsWith('good')).sort());
      const letters = await listDeadLetters(log, topic, groupId);
      expect(letters.map(({ record }) => textOf(record)).sort()).toEqual([
        'bad 13',
        'bad 23',
        'bad 3',
      ]);
      expect(counted.sort()).toEqual(['not_good bad 13', 'not_good bad 23', 'not_good bad 3']);
      for (const { code, message, origin, record } of letters) {
        expect(code).toBe('not_good');
        expect(message).toBe(`expected good, found ${textOf(record)}`);
        if (origin === undefined) throw new Error('a letter of a group has an origin');
        const [original] = await log.read(origin.topic, origin.partition, origin.offset, 1);
        expect(textOf(original!)).toBe(textOf(record));
        expect(record.key).toBe(original!.key);
        expect(record.headers).toMatchObject({
          ...original!.headers,
          'error-code': 'not_good',
          'origin-topic': topic,
          'origin-partition': String(origin.partition),
          'origin-offset': String(origin.offset),
          tries: '1',
        });
      }
    });

    test('makes the dead-letter topic at start, empty', async () => {
      expect(await listDeadLetters(log, topic, groupId)).toEqual([]);
      await consumeWithDeadLetters(log, {
        groupId,
        topics: [topic, outputTopic],
        sessionTimeoutMs,
        process: async (records) => records.map(() => ({ kind: 'done', outputs: [] })),
      });
      expect(await log.offsets(deadLetterTopicOf(topic, groupId))).toHaveLength(1);
      expect(await log.offsets(deadLetterTopicOf(outputTopic, groupId))).toHaveLength(1);
      expect(await listDeadLetters(log, topic, groupId)).toEqual([]);
    });

    test('a record at every limit still fits its dead letter', async () => {
      const value = new Uint8Array(MAX_VALUE_BYTES).fill(3);
      await log.append([
        { topic, key: 'k', value, headers: { long: 'x'.repeat(65_000) } },
        // A key that leaves no room for what a letter says would block its partition for ever.
        { topic, key: 'k'.repeat(65_000), value: new Uint8Array(1) },
      ]);
      await consumeWithDeadLetters(log, {
        groupId,
        topics: [topic],
        sessionTimeoutMs,
        process: async (records) =>
          records.map(() => ({ kind: 'poison', code: 'c', message: 'm'.repeat(10_000) })),
      });
      await untilCaughtUp(log, groupId, topic, deadlineMs);
      const letters = await listDeadLetters(log, topic, groupId);
      expect(letters.map(({ code }) => code)).toEqual(['c', 'c']);
      const lengths = letters.map(({ record }) => record.value.length);
      expect(lengths.sort()).toEqual([1, MAX_VALUE_BYTES]);
    });

    test('an output that no log takes makes its record a dead letter', async () => {
      await log.append([
        textRecord(topic, 'k', 'makes much'),
        textRecord(topic, 'k', 'makes little'),
      ]);
      await consumeWithDeadLetters(log, {
        groupId,
        topics: [topic],
        sessionTimeoutMs,
        process: async (records) =>
          records.map((record) => {
            const bytes = textOf(record) === 'makes much' ? MAX_VALUE_BYTES + 1 : 10;
            return {
              kind: 'done',
              outputs: [{ topic: outputTopic, key: record.key, value: new Uint8Array(bytes) }],
            };
          }),
      });
      await untilCaughtUp(log, groupId, topic, deadlineMs);
      const [letter, ...others] = await listDeadLetters(log, topic, groupId);
      expect(others).toEqual([]);
      expect(letter?.code).toBe('record_too_large');
      expect(await readAll(log, outputTopic)).toHaveLength(1);
    });

    test('when the processor throws, or answers too little, the batch comes again', async () => {
      await log.append([textRecord(topic, 'k', 'a'), textRecord(topic, 'k', 'b')]);
      let calls = 0;
      const told: string[] = [];
      await consumeWithDeadLetters(log, {
        groupId,
        topics: [topic],
        sessionTimeoutMs,
        process: async (records) => {
          calls += 1;
          if (calls === 1) throw new Error('the model is away');
          if (calls === 2) return [];
          return records.map(() => ({ kind: 'done', outputs: [] }));
        },
        onError: (error) => told.push(error.message),
      });
      await until('three calls', deadlineMs, () => calls === 3);
      await untilCaughtUp(log, groupId, topic, deadlineMs);
      expect(told).toEqual(['the model is away', expect.stringContaining('expected 2 outcomes')]);
      expect(await listDeadLetters(log, topic, groupId)).toEqual([]);
      expect(await totalLag(log, groupId, topic)).toBe(0);
    });
  });
}
