import {
  consumeWithDeadLetters,
  deadLetterTopicOf,
  type EventLog,
  findDeadLetterTopics,
  listDeadLetters,
  type ReplayOptions,
  type ReplayOutcome,
  readDeadLetterTopic,
  replayDeadLetters,
} from '@glitchwatch/event-log';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  codeOf,
  type Fixture,
  newTopic,
  readAll,
  textOf,
  textRecord,
  unique,
  untilCaughtUp,
} from './setup.js';

export function replayCases(fixture: () => Fixture): void {
  let log: EventLog;
  let topic: string;
  let groupId: string;
  let letters: string;
  let deadlineMs: number;
  let sessionTimeoutMs: number;
  beforeEach(async () => {
    log = await fixture().open();
    topic = await newTopic(log, 2);
    groupId = unique('group');
    letters = deadLetterTopicOf(topic, groupId);
    ({ deadlineMs, sessionTimeoutMs } = fixture().traits);
  });

  /** A group that fails on every text with "bad" in it, until all is processed. */
  async function consumeAll(accepts: (text: string) => boolean): Promise<string[]> {
    const accepted: string[] = [];
    const consumer = await consumeWithDeadLetters(log, {
      groupId,
      topics: [topic],
      sessionTimeoutMs,
      process: async (records) =>
        records.map((record) => {
          if (!accepts(textOf(record)))
            return { kind: 'poison', code: 'no', message: 'not this '.repeat(200) };
          accepted.push(textOf(record));
          return { kind: 'done', outputs: [] };
        }),
    });
    await untilCaughtUp(log, groupId, topic, deadlineMs);
    await consumer.stop();
    return accepted;
  }

  async function replay(options?: ReplayOptions): Promise<ReplayOutcome[]> {
    const outcomes: ReplayOutcome[] = [];
    for await (const outcome of replayDeadLetters(log, letters, options)) outcomes.push(outcome);
    return outcomes;
  }

  /** In order of the letters: what is skipped is told before a chunk is appended. */
  const kinds = (outcomes: readonly ReplayOutcome[]) =>
    [...outcomes].sort((a, b) => Number(a.letter.offset - b.letter.offset)).map(({ kind }) => kind);

  describe('replayDeadLetters', () => {
    test('appends key, value and headers to the origin again, once', async () => {
      const texts = Array.from({ length: 70 }, (_, i) => `bad ${i}`);
      await log.append(
        texts.map((text, i) => ({
          ...textRecord(topic, `k${i}`, text),
          headers: { 'event-id': `id ${i}` },
        })),
      );
      expect(await consumeAll(() => false)).toEqual([]);
      const before = await readAll(log, topic);

      expect(kinds(await replay({ dryRun: true }))).toEqual(texts.map(() => 'ready'));
      expect(await readAll(log, topic)).toHaveLength(texts.length);
      const outcomes = await replay();
      expect(kinds(outcomes)).toEqual(texts.map(() => 'replayed'));
      const after = (await readAll(log, topic)).filter(
        ({ headers }) => headers['replayed-from'] !== undefined,
      );
      expect(after).toHaveLength(texts.length);
      for (const copy of after) {
        const original = before.find(({ key }) => key === copy.key);
        expect(copy.partition).toBe(original?.partition);
        expect(textOf(copy)).toBe(original && textOf(original));
        expect(copy.headers).toEqual({
          ...original?.headers,
          tries: '1',
          'replayed-from': expect.stringMatching(`^${letters}/0/\\d+$`),
        });
      }
      const [first] = outcomes;
      if (first?.kind !== 'replayed') throw new Error('not replayed');
      const [placed] = await log.read(topic, first.to.partition, first.to.offset, 1);
      expect(placed?.headers['replayed-from']).toBe(`${letters}/0/${first.letter.offset}`);

      // Another process, which knows only what the log says, replays nothing twice.
      log = await fixture().open();
      const second = await replay();
      expect(kinds(second)).toEqual(texts.map(() => 'skipped'));
      expect(await readAll(log, topic)).toHaveLength(2 * texts.length);
      expect(await listDeadLetters(log, topic, groupId)).toHaveLength(texts.length);
      expect(await consumeAll(() => true)).toHaveLength(texts.length);
    });

    test('takes chosen letters, and those replayed before only when asked again', async () => {
      await log.append(['a', 'b', 'c'].map((text) => textRecord(topic, 'k', text)));
      await consumeAll(() => false);
      const [, b] = await listDeadLetters(log, topic, groupId);
      const only = new Set([b!.record.offset]);
      expect(kinds(await replay({ only }))).toEqual(['replayed']);
      expect(kinds(await replay({ only }))).toEqual(['skipped']);
      expect(kinds(await replay({ only, again: true }))).toEqual(['replayed']);
      expect(kinds(await replay())).toEqual(['replayed', 'skipped', 'replayed']);
      const texts = (await readAll(log, topic)).map(textOf);
      expect(texts).toEqual(['a', 'b', 'c', 'b', 'b', 'a', 'c']);
    });

    test('what fails again is a letter again, with one try more', async () => {
      await log.append([textRecord(topic, 'k', 'bad')]);
      for (const tries of [1, 2, 3]) {
        await consumeAll(() => false);
        const found = await listDeadLetters(log, topic, groupId);
        expect(found.map((letter) => letter.tries)).toEqual(
          Array.from({ length: tries }, (_, i) => i + 1),
        );
        expect(found.at(-1)?.origin).toMatchObject({ topic });
        // Only the newest is open: those before it were replayed.
        expect(kinds(await replay())).toEqual(
          found.map((_, i) => (i < tries - 1 ? 'skipped' : 'replayed')),
        );
      }
    });

    test('headers that did not fit the letter come from the origin', async () => {
      const long = 'x'.repeat(64_500);
      await log.append([{ ...textRecord(topic, 'k', 'bad'), headers: { long } }]);
      await consumeAll(() => false);
      const [letter] = await listDeadLetters(log, topic, groupId);
      expect(letter?.record.headers).toMatchObject({ 'left-at-origin': 'true' });
      expect(letter?.record.headers.long).toBeUndefined();
      expect(kinds(await replay())).toEqual(['replayed']);
      const copy = (await readAll(log, topic)).at(-1);
      expect(copy?.headers.long).toBe(long);
      expect(copy?.headers['left-at-origin']).toBeUndefined();
    });

    test('a letter without an origin, or with that of another topic, goes nowhere', async () => {
      const other = await newTopic(log, 1);
      await consumeAll(() => true);
      const place = { 'origin-partition': '0', 'origin-offset': '0' };
      await log.append([
        {
          topic: letters,
          value: new Uint8Array(3),
          headers: { 'error-code': 'c', origin: 'grpc me' },
        },
        {
          topic: letters,
          value: new Uint8Array(3),
          headers: { 'error-code': 'c', 'origin-topic': other, ...place },
        },
      ]);
      const outcomes = await replay();
      expect(outcomes).toMatchObject([
        { kind: 'failed', code: 'no_origin', message: expect.stringContaining('grpc me') },
        { kind: 'failed', code: 'no_origin' },
      ]);
      expect(await readAll(log, other)).toEqual([]);
      expect(await codeOf(replayDeadLetters(log, unique('none')).next())).toBe('unknown_topic');
    });

    test('the topics are found by name; a marker is no letter', async () => {
      await log.append([textRecord(topic, 'k', 'bad')]);
      await consumeAll(() => false);
      await replay();
      expect(await findDeadLetterTopics(log)).toContainEqual({
        name: letters,
        origin: topic,
        groupId,
      });
      const seen: string[] = [];
      for await (const entry of readDeadLetterTopic(log, letters)) seen.push(entry.kind);
      expect(seen).toEqual(['letter', 'replayed']);
    });
  });
}
