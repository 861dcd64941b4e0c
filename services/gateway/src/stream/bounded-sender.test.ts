import { describe, expect, it } from 'vitest';
import type { GatewayError } from '../errors.js';
import { BoundedSender, type SlowPolicy } from './bounded-sender.js';

/** A sink that takes `room` events and then blocks until told. */
function sinkOf(room: number, policy: SlowPolicy, capacity = 3) {
  const written: { event: number; dropped: number }[] = [];
  let left = room;
  let failure: GatewayError | undefined;
  let dropped = 0;
  const sender = new BoundedSender<number>({
    capacity,
    policy,
    sink: {
      write(event, n) {
        written.push({ event, dropped: n });
        left -= 1;
        return left > 0;
      },
      fail(error) {
        failure = error;
      },
    },
    onDropped: (n) => {
      dropped += n;
    },
  });
  return {
    sender,
    written,
    failure: () => failure,
    dropped: () => dropped,
    drain(n: number) {
      left = n;
      sender.drained();
    },
  };
}

describe('BoundedSender', () => {
  it('drops the oldest and tells the next event how many', () => {
    const far = sinkOf(1, 'drop-oldest');
    for (let i = 0; i < 10; i++) far.sender.offer(i);
    expect(far.sender.nWaiting).toBe(3);
    far.drain(100);
    expect(far.written).toEqual([
      { event: 0, dropped: 0 },
      { event: 7, dropped: 6 },
      { event: 8, dropped: 0 },
      { event: 9, dropped: 0 },
    ]);
    expect(far.dropped()).toBe(6);
  });

  it('ends the stream when more wait than it may hold', () => {
    const far = sinkOf(1, 'disconnect');
    for (let i = 0; i < 4; i++) far.sender.offer(i);
    expect(far.failure()).toBeUndefined();
    far.sender.offer(4);
    expect(far.failure()?.code).toBe('slow_subscriber');
    expect(far.sender.isClosed).toBe(true);
    far.sender.offer(5);
    expect(far.written).toHaveLength(1);
  });

  it('lets a reader of history wait', async () => {
    const far = sinkOf(1, 'disconnect');
    far.sender.offer(1);
    let cleared = false;
    const waiting = far.sender.clear().then(() => {
      cleared = true;
    });
    await Promise.resolve();
    expect(cleared).toBe(false);
    far.drain(5);
    await waiting;
    expect(cleared).toBe(true);
  });

  it('keeps order over many turns of its queue', () => {
    const far = sinkOf(1, 'disconnect', 10_000);
    for (let i = 0; i < 1_000; i++) {
      far.sender.offer(i);
      if (i % 7 === 0) far.drain(5);
    }
    far.drain(10_000);
    expect(far.written.map(({ event }) => event)).toEqual([...Array(1_000).keys()]);
  });
});
