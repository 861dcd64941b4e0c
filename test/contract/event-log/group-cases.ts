import type { EventLog, GroupConsumer } from '@glitchwatch/event-log';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type Fixture,
  newTopic,
  textOf,
  textRecord,
  unique,
  until,
  untilCaughtUp,
} from './setup.js';

/** Several members of one group, each on a log of its own; all in this process. */
export function groupCases(fixture: () => Fixture): void {
  let log: EventLog;
  let topic: string;
  let groupId: string;
  let deadlineMs: number;
  beforeEach(async () => {
    log = await fixture().open();
    topic = await newTopic(log, 6);
    groupId = unique('group');
    ({ deadlineMs } = fixture().traits);
  });

  interface Member {
    readonly consumer: GroupConsumer;
    readonly seen: string[];
  }

  /** Partitions that some handler has in hand, to catch two at once. */
  function createGroup() {
    const inHand = new Set<number>();
    const overlaps: number[] = [];
    const join = async (): Promise<Member> => {
      const seen: string[] = [];
      const own = await fixture().open();
      const consumer = await own.consume({
        groupId,
        topics: [topic],
        sessionTimeoutMs: fixture().traits.sessionTimeoutMs,
        maxBatchRecords: 5,
        handler: async ({ partition, records }) => {
          if (inHand.has(partition)) overlaps.push(partition);
          inHand.add(partition);
          await new Promise((resolve) => setTimeout(resolve, 2));
          inHand.delete(partition);
          seen.push(...records.map(textOf));
          return [];
        },
      });
      return { consumer, seen };
    };
    return { join, overlaps };
  }

  const held = (members: readonly Member[]): string[] =>
    members.flatMap(({ consumer }) => [...consumer.assignedPartitions()]).sort();
  const everyPartition = (): string[] =>
    Array.from({ length: 6 }, (_, partition) => `${topic}/${partition}`);
  const untilShared = (members: readonly Member[], each: number): Promise<void> =>
    until(`${members.length} members hold ${each} partitions each`, deadlineMs, () =>
      members.every(({ consumer }) => consumer.assignedPartitions().length === each),
    );

  describe('a group', () => {
    test('shares its partitions out anew as members join and leave, and loses nothing', async () => {
      const { join, overlaps } = createGroup();
      let sent = 0;
      let sending = true;
      const feeding = (async () => {
        while (sending) {
          await log.append(
            Array.from({ length: 10 }, () => textRecord(topic, `k${sent % 97}`, `${sent++}`)),
          );
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      })();

      const first = await join();
      await untilShared([first], 6);
      const second = await join();
      await untilShared([first, second], 3);
      expect(held([first, second])).toEqual(everyPartition());
      const third = await join();
      await untilShared([first, second, third], 2);
      expect(held([first, second, third])).toEqual(everyPartition());
      await second.consumer.stop();
      await untilShared([first, third], 3);
      expect(held([first, third])).toEqual(everyPartition());

      sending = false;
      await feeding;
      await untilCaughtUp(log, groupId, topic, deadlineMs);
      const seen = [first, second, third].flatMap((member) => member.seen);
      // Nothing lost; members that left in peace have handed over without repeats.
      expect(new Set(seen).size).toBe(sent);
      expect(seen).toHaveLength(sent);
      expect(overlaps).toEqual([]);
      for (const member of [first, second, third]) expect(member.seen).not.toEqual([]);
    });

    test('hands a partition over only when its batch in hand has ended', async () => {
      const one = await newTopic(log, 1);
      await log.append([textRecord(one, 'k', 'a'), textRecord(one, 'k', 'b')]);
      const events: string[] = [];
      let release = (): void => undefined;
      const blocked = new Promise<void>((resolve) => {
        release = resolve;
      });
      const consume = async (name: string, before: Promise<void>): Promise<GroupConsumer> => {
        const own = await fixture().open();
        return await own.consume({
          groupId,
          topics: [one],
          sessionTimeoutMs: fixture().traits.sessionTimeoutMs,
          maxBatchRecords: 1,
          handler: async ({ records }) => {
            events.push(`${name} begins ${records.map(textOf)}`);
            await before;
            events.push(`${name} ends ${records.map(textOf)}`);
            return [];
          },
        });
      };
      const first = await consume('first', blocked);
      await until('the first batch', deadlineMs, () => events.length === 1);
      const stopped = first.stop();
      await consume('second', Promise.resolve());
      release();
      await stopped;
      await untilCaughtUp(log, groupId, one, deadlineMs);
      expect(events).toEqual([
        'first begins a',
        'first ends a',
        'second begins b',
        'second ends b',
      ]);
    });

    test('with more members than partitions leaves some idle until one is free', async () => {
      const one = await newTopic(log, 1);
      const consumers: GroupConsumer[] = [];
      for (let i = 0; i < 3; i++) {
        const own = await fixture().open();
        consumers.push(
          await own.consume({
            groupId,
            topics: [one],
            sessionTimeoutMs: fixture().traits.sessionTimeoutMs,
            handler: async () => [],
          }),
        );
      }
      const holders = () => consumers.filter((each) => each.assignedPartitions().length === 1);
      await until('one holder', deadlineMs, () => holders().length === 1);
      const [holder] = holders();
      await holder?.stop();
      await until('another holder', deadlineMs, () => {
        const [next] = holders();
        return next !== undefined && next !== holder;
      });
    });

    test('does not disturb another group', async () => {
      await log.append(Array.from({ length: 50 }, (_, i) => textRecord(topic, `k${i}`, `${i}`)));
      const counts = new Map<string, number>();
      const groups = [unique('one'), unique('two')];
      for (const id of groups) {
        await log.consume({
          groupId: id,
          topics: [topic],
          sessionTimeoutMs: fixture().traits.sessionTimeoutMs,
          handler: async ({ records }) => {
            counts.set(id, (counts.get(id) ?? 0) + records.length);
            return [];
          },
        });
      }
      for (const id of groups) await untilCaughtUp(log, id, topic, deadlineMs);
      expect([...counts.values()]).toEqual([50, 50]);
    });
  });
}
