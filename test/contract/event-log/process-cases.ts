import type { EventLog } from '@glitchwatch/event-log';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type Child,
  type ChildMessage,
  type Fixture,
  newTopic,
  readAll,
  textOf,
  textRecord,
  unique,
  until,
  untilCaughtUp,
} from './setup.js';

/** Real processes that are killed, frozen and set going again. */
export function processCases(fixture: () => Fixture): void {
  let log: EventLog;
  let groupId: string;
  let deadlineMs: number;
  let sessionTimeoutMs: number;
  beforeEach(async () => {
    log = await fixture().open();
    groupId = unique('group');
    ({ deadlineMs, sessionTimeoutMs } = fixture().traits);
  });

  const told = (child: Child, kind: ChildMessage['kind']): boolean =>
    child.messages.some((message) => message.kind === kind);
  const untilTold = (child: Child, kind: ChildMessage['kind']): Promise<void> =>
    until(`the child tells "${kind}"`, deadlineMs, () => told(child, kind));
  const acknowledged = (child: Child): number =>
    child.messages.reduce((most, { count }) => Math.max(most, count ?? 0), 0);

  describe('several processes', () => {
    test('append at once: nothing is lost and each key keeps its order', async () => {
      const topic = await newTopic(log, 4);
      const names = ['one', 'two', 'three'];
      const children = names.map((name) =>
        fixture().spawn({ role: 'append', topic, name, count: 150, valueBytes: 500 }),
      );
      for (let i = 0; i < 150; i++)
        await log.append([textRecord(topic, `own-${i % 5}`, `own ${i} `)]);
      for (const child of children) await untilTold(child, 'done');
      const records = await readAll(log, topic);
      expect(records).toHaveLength(600);
      for (const name of [...names, 'own']) {
        for (let k = 0; k < 5; k++) {
          const numbers = records
            .filter(({ key }) => key === `${name}-${k}`)
            .map((record) => Number(textOf(record).split(' ')[1]));
          expect(numbers).toEqual(Array.from({ length: 30 }, (_, i) => i * 5 + k));
        }
      }
    });

    test('a writer killed in the middle leaves every acknowledged record', async () => {
      const topic = await newTopic(log, 2);
      for (let round = 0; round < 3; round++) {
        const name = `round${round}`;
        const task = { role: 'append', topic, name, count: 1_000_000, valueBytes: 3000 } as const;
        const child = fixture().spawn(task);
        await until('some records', deadlineMs, () => acknowledged(child) > 50);
        child.signal('SIGKILL');
        await child.exited;
        const count = acknowledged(child);
        const reopened = await fixture().open();
        const found = (await readAll(reopened, topic))
          .map(textOf)
          .filter((text) => text.startsWith(`${name} `));
        expect(found.length).toBeGreaterThanOrEqual(count);
        const numbers = new Set(found.map((text) => Number(text.split(' ')[1])));
        for (let i = 0; i < count; i++) expect(numbers.has(i)).toBe(true);
        await reopened.append([textRecord(topic, 'k', `still writable after ${name}`)]);
        await reopened.close();
      }
    });

    test('a member killed without warning: the others take over and nothing is lost', async () => {
      const topic = await newTopic(log, 4);
      const outputTopic = await newTopic(log, 2);
      const total = 400;
      await log.append(
        Array.from({ length: total }, (_, i) => textRecord(topic, `k${i}`, `event ${i}`)),
      );
      const task = {
        role: 'consume',
        groupId,
        topic,
        outputTopic,
        sessionTimeoutMs,
        batchMs: 20,
        maxBatchRecords: 5,
      } as const;
      const victim = fixture().spawn(task);
      const survivor = fixture().spawn(task);
      await untilTold(victim, 'batch');
      await untilTold(survivor, 'batch');
      victim.signal('SIGKILL');
      await victim.exited;
      await untilCaughtUp(log, groupId, topic, deadlineMs);
      const outputs = (await readAll(log, outputTopic)).map(textOf);
      // At least once: whoever reads knows a repeat by its event id.
      expect(new Set(outputs)).toEqual(
        new Set(Array.from({ length: total }, (_, i) => `event ${i}`)),
      );
      survivor.send('stop');
      await untilTold(survivor, 'done');
    });

    test('a frozen member loses its partitions and cannot commit them when it wakes', async () => {
      const topic = await newTopic(log, 1);
      const outputTopic = await newTopic(log, 1);
      await log.append(Array.from({ length: 20 }, (_, i) => textRecord(topic, 'k', `event ${i}`)));
      const frozen = fixture().spawn({
        role: 'consume',
        groupId,
        topic,
        outputTopic,
        sessionTimeoutMs,
        batchMs: 50,
        maxBatchRecords: 2,
      });
      await untilTold(frozen, 'batch');
      frozen.signal('SIGSTOP');
      const seen: string[] = [];
      const successor = await log.consume({
        groupId,
        topics: [topic],
        sessionTimeoutMs,
        handler: async ({ records }) => {
          seen.push(...records.map(textOf));
          return records.map((record) => textRecord(outputTopic, record.key, textOf(record)));
        },
      });
      await untilCaughtUp(log, groupId, topic, deadlineMs + sessionTimeoutMs);
      expect(seen).not.toEqual([]);
      const [before] = await log.lag(groupId, [topic]);
      await successor.stop();
      frozen.signal('SIGCONT');
      await log.append([textRecord(topic, 'k', 'event 20')]);
      await until('the woken member takes what is new', deadlineMs, async () => {
        const [now] = await log.lag(groupId, [topic]);
        // A stale commit would set the group back.
        expect(now!.committed!).toBeGreaterThanOrEqual(before!.committed!);
        return now!.committed! > before!.committed!;
      });
      const outputs = (await readAll(log, outputTopic)).map(textOf);
      expect(new Set(outputs)).toEqual(new Set(Array.from({ length: 21 }, (_, i) => `event ${i}`)));
    });

    test('a member that leaves in peace frees its partitions long before its session ends', async () => {
      const topic = await newTopic(log, 2);
      const outputTopic = await newTopic(log, 1);
      const child = fixture().spawn({
        role: 'consume',
        groupId,
        topic,
        outputTopic,
        sessionTimeoutMs: 60_000,
        batchMs: 1,
        maxBatchRecords: 5,
      });
      await log.append([textRecord(topic, 'k', 'event 0')]);
      await untilTold(child, 'batch');
      child.send('stop');
      await untilTold(child, 'done');
      const consumer = await log.consume({
        groupId,
        topics: [topic],
        sessionTimeoutMs: 60_000,
        handler: async () => [],
      });
      const limitMs = Math.min(deadlineMs, 30_000);
      await until('partitions', limitMs, () => consumer.assignedPartitions().length === 2);
    });
  });
}
