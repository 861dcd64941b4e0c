import type { EventLog } from '@glitchwatch/event-log';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type Fixture,
  newTopic,
  readAll,
  textOf,
  textRecord,
  unique,
  untilCaughtUp,
} from './setup.js';

const HOUR_MS = 3_600_000;

/** Only for adapters that clean when asked to; a broker cleans in its own time. */
export function cleaningCases(fixture: () => Fixture): void {
  let log: EventLog;
  beforeEach(async () => {
    log = await fixture().open();
  });

  const old = (topic: string, key: string, text: string) => ({
    ...textRecord(topic, key, text),
    timestampMs: Date.now() - 10 * HOUR_MS,
  });

  describe('retention', () => {
    test('removes what is past its time and tells the new oldest offset', async () => {
      const topic = await newTopic(log, 1, { retentionMs: HOUR_MS });
      await log.append(Array.from({ length: 500 }, (_, i) => old(topic, 'k', `old ${i}`)));
      await log.append(Array.from({ length: 5 }, (_, i) => textRecord(topic, 'k', `new ${i}`)));
      const [before] = await log.offsets(topic);
      await log.clean();
      const texts = (await readAll(log, topic)).map(textOf);
      expect(texts).toEqual(['new 0', 'new 1', 'new 2', 'new 3', 'new 4']);
      const [after] = await log.offsets(topic);
      expect(after!.high).toBe(before!.high);
      expect(after!.low).toBe(before!.low + 500n);
      // Reading from a cleaned offset goes on at the oldest that is kept.
      expect((await log.read(topic, 0, before!.low, 2)).map(textOf)).toEqual(['new 0', 'new 1']);
      const positions = await log.append([textRecord(topic, 'k', 'next')]);
      expect(positions[0]!.offset).toBe(before!.high);
    });

    test('never removes the newest record, nor anything of a topic that keeps for ever', async () => {
      const topic = await newTopic(log, 1, { retentionMs: HOUR_MS });
      const forever = await newTopic(log, 1);
      await log.append([old(topic, 'k', '1'), old(topic, 'k', '2'), old(forever, 'k', '3')]);
      await log.clean();
      expect((await readAll(log, topic)).map(textOf)).toEqual(['2']);
      expect((await readAll(log, forever)).map(textOf)).toEqual(['3']);
    });

    test('a group whose next record was removed goes on at the oldest', async () => {
      const topic = await newTopic(log, 1, { retentionMs: HOUR_MS });
      const groupId = unique('group');
      const { sessionTimeoutMs, deadlineMs } = fixture().traits;
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
      await log.append([old(topic, 'k', 'seen')]);
      const first = await consume();
      await untilCaughtUp(log, groupId, topic, deadlineMs);
      await first.stop();
      await log.append([old(topic, 'k', 'missed'), textRecord(topic, 'k', 'kept')]);
      await log.clean();
      expect((await log.lag(groupId, [topic]))[0]!.lag).toBe(1n);
      const second = await consume();
      await untilCaughtUp(log, groupId, topic, deadlineMs);
      await second.stop();
      expect(seen).toEqual(['seen', 'kept']);
    });
  });

  describe('compaction', () => {
    test('keeps the newest record of each key, in order, at its offset', async () => {
      const topic = await newTopic(log, 2, { cleanup: 'compact' });
      const newest = new Map<string, { text: string; offset: bigint; partition: number }>();
      for (let i = 0; i < 600; i += 50) {
        const texts = Array.from(
          { length: 50 },
          (_, j) => [`k${(i + j) % 17}`, `${i + j}`] as const,
        );
        const positions = await log.append(
          texts.map(([key, text]) => textRecord(topic, key, text)),
        );
        for (const [index, { offset, partition }] of positions.entries()) {
          const [key, text] = texts[index]!;
          newest.set(key, { text, offset, partition });
        }
      }
      await log.clean();
      const check = async (): Promise<void> => {
        const kept = await readAll(log, topic);
        expect(kept).toHaveLength(17);
        for (const record of kept) {
          const { offset, partition } = record;
          expect({ text: textOf(record), offset, partition }).toEqual(newest.get(record.key!));
        }
        for (let i = 1; i < kept.length; i++) {
          const [one, next] = [kept[i - 1]!, kept[i]!];
          if (one.partition === next.partition) expect(next.offset).toBeGreaterThan(one.offset);
        }
      };
      await check();
      await log.clean();
      await check();
    });

    test('does not move a group: it reads what is left', async () => {
      const topic = await newTopic(log, 1, { cleanup: 'compact' });
      const groupId = unique('group');
      const { sessionTimeoutMs, deadlineMs } = fixture().traits;
      for (let i = 0; i < 20; i++) await log.append([textRecord(topic, `k${i % 2}`, `${i}`)]);
      await log.clean();
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
      expect(seen).toEqual(['18', '19']);
      await log.append([textRecord(topic, 'k0', '20')]);
      await untilCaughtUp(log, groupId, topic, deadlineMs);
      expect(seen).toEqual(['18', '19', '20']);
    });
  });
}
