import { expect, test } from 'vitest';
import { EventLogError } from '../errors.js';
import { partitionOfKey } from '../partitioner.js';
import { AppendQueue } from './append-queue.js';
import type { ProducerSlot, Slot } from './producer-slot.js';
import type { TopicDirectory } from './topic-directory.js';

const text = (slot: Slot): string => new TextDecoder().decode(slot.record.value);
const record = (topic: string, key: string | undefined, value: string) => ({
  topic,
  key,
  value: new TextEncoder().encode(value),
});

/** A queue on a producer that remembers its sends and fails where it is told to. */
function createQueue(
  failure: (slots: readonly Slot[]) => Error | undefined = () => undefined,
  options: { maxWaitingBytes?: number } = {},
) {
  const sends: Slot[][] = [];
  const next = new Map<string, bigint>();
  const producer = {
    send: async (slots: readonly Slot[]): Promise<bigint[]> => {
      sends.push([...slots]);
      await Promise.resolve();
      const error = failure(slots);
      if (error !== undefined) throw error;
      return slots.map(({ topic, partition }) => {
        const offset = next.get(`${topic}/${partition}`) ?? 0n;
        next.set(`${topic}/${partition}`, offset + 1n);
        return offset;
      });
    },
  };
  const directory = {
    partitionsOf: async (topic: string): Promise<number> => {
      if (topic === 'p.missing') throw new EventLogError('unknown_topic', 'no such topic');
      return 3;
    },
    forget: () => undefined,
  };
  const queue = new AppendQueue({
    directory: directory as unknown as TopicDirectory,
    producer: producer as unknown as ProducerSlot,
    there: (topic) => `p.${topic}`,
    ...options,
  });
  return { queue, sends };
}

test('appends of one moment go in one send, in order, and are answered each for itself', async () => {
  const { queue, sends } = createQueue();
  const answers = await Promise.all([
    queue.append([record('t', 'a', '0'), record('u', 'a', '1')]),
    queue.append([record('t', 'a', '2')]),
    queue.append([record('t', 'b', '3')]),
  ]);
  expect(sends.map((slots) => slots.map(text))).toEqual([['0', '1', '2', '3']]);
  expect(sends[0]!.map(({ topic }) => topic)).toEqual(['p.t', 'p.u', 'p.t', 'p.t']);
  const partition = partitionOfKey('a', 3);
  expect(answers[0]).toEqual([
    { topic: 't', partition, offset: 0n },
    { topic: 'u', partition, offset: 0n },
  ]);
  expect(answers[1]).toEqual([{ topic: 't', partition, offset: 1n }]);
});

test('a send keeps to the size of a batch per partition, and the order holds across sends', async () => {
  const { queue, sends } = createQueue();
  const value = new Uint8Array(400_000);
  const records = Array.from({ length: 7 }, () => ({ topic: 't', key: 'a', value }));
  const [positions] = await Promise.all([
    queue.append(records),
    queue.append([record('t', 'a', 'last')]),
  ]);
  expect(sends.map(({ length }) => length)).toEqual([2, 2, 2, 2]);
  expect(text(sends[3]![1]!)).toBe('last');
  expect(positions.map(({ offset }) => offset)).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n]);
});

test('one append at fault fails alone', async () => {
  const tooLarge = new EventLogError('record_too_large', 'too large');
  const { queue, sends } = createQueue((slots) =>
    slots.some((slot) => text(slot) === 'bad') ? tooLarge : undefined,
  );
  const ends = await Promise.allSettled([
    queue.append([record('t', 'a', 'one')]),
    queue.append([record('t', 'a', 'bad'), record('t', 'a', 'with it')]),
    queue.append([record('t', 'a', 'two')]),
    queue.append([record('missing', 'a', 'x')]),
  ]);
  expect(ends.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'rejected',
  ]);
  expect(sends).toHaveLength(4);
});

test('when the log is away all that were sent are told, and later ones are tried', async () => {
  let away = true;
  const { queue } = createQueue(() =>
    away ? new EventLogError('unavailable', 'away') : undefined,
  );
  const ends = await Promise.allSettled([
    queue.append([record('t', 'a', '1')]),
    queue.append([record('t', 'a', '2')]),
  ]);
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  away = false;
  expect(await queue.append([record('t', 'a', '3')])).toHaveLength(1);
});

test('an append that comes just as the queue runs empty is sent', async () => {
  const { queue } = createQueue();
  for (let turns = 0; turns < 12; turns++) {
    const first = queue.append([record('t', 'a', 'first')]);
    const second = (async () => {
      for (let i = 0; i < turns; i++) await Promise.resolve();
      return await queue.append([record('t', 'a', 'second')]);
    })();
    await first;
    expect(await second).toHaveLength(1);
  }
});

test('records without a key take turns', async () => {
  const { queue } = createQueue();
  const positions = await queue.append(
    Array.from({ length: 6 }, () => record('t', undefined, 'x')),
  );
  expect(positions.map(({ partition }) => partition)).toEqual([0, 1, 2, 0, 1, 2]);
});

test('what waits is bounded, and there is room again when it has gone or failed', async () => {
  const unavailable = new EventLogError('unavailable', 'away');
  let isAway = true;
  const { queue, sends } = createQueue(() => (isAway ? unavailable : undefined), {
    maxWaitingBytes: 1_000,
  });
  const large = (name: string) => ({ ...record('t', 'a', name), value: new Uint8Array(600) });
  const first = queue.append([large('first')]);
  await expect(queue.append([large('second')])).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('expected at most 1000 bytes waiting'),
  });
  await expect(first).rejects.toBe(unavailable);
  isAway = false;
  await expect(queue.append([large('third')])).resolves.toHaveLength(1);
  await expect(queue.append([large('fourth')])).resolves.toHaveLength(1);
  expect(sends).toHaveLength(3);
});
