import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventLog, openEmbeddedEventLog } from '@glitchwatch/event-log';
import { topicLayouts, topics } from '@glitchwatch/proto';
import { openEmbeddedStateStore, type StateStore } from '@glitchwatch/state-store';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CURSOR_NAMESPACE } from '../src/subscribers/cursor-keeper.js';
import { until } from './bench.js';
import { assignmentRecord, idOf, modelRecord } from './messages.js';
import {
  holdingBack,
  type Replica,
  type SeenStream,
  startReplica,
  untilReady,
} from './replicas.js';

let dir: string;
let log: EventLog;
let state: StateStore;
const running: Replica[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gateway-named-'));
  log = await openEmbeddedEventLog({ dir: join(dir, 'log'), pollIntervalMs: 5 });
  state = await openEmbeddedStateStore({ dir: join(dir, 'state'), pollIntervalMs: 5 });
  await log.ensureTopics(topicLayouts);
});
afterEach(async () => {
  for (const replica of running.splice(0)) await replica.close();
  await state.close();
  await log.close();
  await rm(dir, { recursive: true, force: true });
});

async function replica(config = {}, over: Partial<{ log: EventLog; state: StateStore }> = {}) {
  const started = await startReplica({ log, state, config, ...over });
  running.push(started);
  return started;
}

const idsOf = ({ events }: SeenStream) => events.map(({ assignment }) => assignment?.glitchId);
const append = (...numbers: number[]) => log.append(numbers.map((n) => assignmentRecord(n)));
const storedFor = async (name: string) => {
  const bytes = await state.values.get(CURSOR_NAMESPACE, `assignment/${name}`);
  return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as { cursor: string }).cursor;
};

describe('a named subscriber', () => {
  it('goes on at another replica, where it had come to; nothing is missed', async () => {
    await append(1, 2, 3);
    const one = await replica();
    const first = one.subscribe({ subscriber: 'night-shift', cursor: 'earliest' });
    await until(() => first.events.length === 3);
    expect(first.began).toBe('earliest/none');
    const last = first.events.at(-1)?.cursor;
    await until(async () => (await storedFor('night-shift')) === last, 'the cursor to be stored');
    first.call.cancel();
    await append(4, 5);

    const two = await replica();
    const second = two.subscribe({ subscriber: 'night-shift', cursor: 'earliest' });
    await until(() => second.events.length === 2);
    expect(second.began).toBe('stored/found');
    expect(new Set(idsOf(second))).toEqual(new Set([4, 5].map(idOf)));
    expect(await two.metric('glitchwatch_gateway_named_subscribers')).toBe(1);
  });

  it('that has seen nothing yet goes on where it began', async () => {
    await append(1);
    const one = await replica();
    await untilReady(one);
    const first = one.subscribe({ subscriber: 'quiet' });
    await until(async () => (await storedFor('quiet')) !== undefined);
    expect(first.began).toBe('now/none');
    first.call.cancel();
    await append(2);
    const second = (await replica()).subscribe({ subscriber: 'quiet' });
    await until(() => second.events.length === 1);
    expect(idsOf(second)).toEqual([idOf(2)]);
  });

  it('repeats what had not settled when its stream broke', async () => {
    const one = await replica({ cursorSettleMs: 600_000 });
    await untilReady(one);
    const first = one.subscribe({ subscriber: 'cut' });
    await until(async () => (await storedFor('cut')) !== undefined);
    await append(1, 2);
    await until(() => first.events.length === 2);
    first.call.cancel();
    const second = (await replica()).subscribe({ subscriber: 'cut' });
    await until(() => second.events.length === 2);
    expect(new Set(idsOf(second))).toEqual(new Set([1, 2].map(idOf)));
  });

  it('moves on past what its filter leaves out', async () => {
    const one = await replica();
    await untilReady(one);
    const first = one.subscribe({ subscriber: 'picky', familyIds: [99] });
    await until(async () => (await storedFor('picky')) !== undefined);
    const before = await storedFor('picky');
    await append(1, 2, 3);
    await until(async () => (await storedFor('picky')) !== before);
    expect(first.events).toEqual([]);
  });

  it('that states a cursor begins there, whatever is kept', async () => {
    await append(1, 2, 3);
    const one = await replica();
    const first = one.subscribe({ subscriber: 'exact', cursor: 'earliest' });
    await until(() => first.events.length === 3);
    const last = first.events.at(-1)?.cursor;
    await until(async () => (await storedFor('exact')) === last);
    const again = one.subscribe({ subscriber: 'exact', cursor: first.events[0]?.cursor ?? '' });
    await until(() => again.events.length === 2);
    expect(again.began).toBe('stated/unused');
    const bad = one.subscribe({ subscriber: 'exact', cursor: 'nonsense!' });
    await until(() => bad.error !== undefined);
    expect(bad.error?.code).toBe(status.INVALID_ARGUMENT);
    // The bad one has taken nothing over.
    expect(again.error).toBeUndefined();
  });

  it('whose kept cursor is of another log, or no cursor, begins as asked', async () => {
    const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
    const foreign = Buffer.from('g1;glitch.assignments=9,9,9,9').toString('base64url');
    await state.values.set(CURSOR_NAMESPACE, 'assignment/a', encode({ cursor: foreign, atMs: 1 }));
    await state.values.set(CURSOR_NAMESPACE, 'assignment/b', encode('?'));
    await append(1);
    const one = await replica({ subscriberExpiryMs: Number.MAX_SAFE_INTEGER });
    for (const [name, began] of [
      ['a', 'earliest/invalid'],
      ['b', 'earliest/none'],
    ]) {
      const seen = one.subscribe({ subscriber: name ?? '', cursor: 'earliest' });
      await until(() => seen.events.length === 1);
      expect(seen.began).toBe(began);
    }
  });

  it.each(['', ' ', 'a b', 'x'.repeat(129), 'ü'])(
    'is refused as %j, or not named',
    async (name) => {
      await append(1);
      const seen = (await replica()).subscribe({ subscriber: name, cursor: 'earliest' });
      await until(() => seen.error !== undefined || seen.events.length > 0);
      if (name === '') expect(seen.began).toBe('undefined/undefined');
      else expect(seen.error).toMatchObject({ code: status.INVALID_ARGUMENT });
    },
  );

  it('is one of a bounded number; names long unused make room', async () => {
    const value = (atMs: number) => new TextEncoder().encode(JSON.stringify({ cursor: 'c', atMs }));
    for (const [name, age] of [
      ['old', 10_000],
      ['new', 10],
      ['newer', 5],
    ] as const)
      await state.values.set(CURSOR_NAMESPACE, `assignment/${name}`, value(Date.now() - age));
    const one = await replica({ maxNamedSubscribers: 3, subscriberExpiryMs: 5_000 });
    const names = async () =>
      (await state.values.entries(CURSOR_NAMESPACE)).map(([key]) => key).sort();
    await until(async () => (await names()).length === 2, 'the old one to be forgotten');
    const third = one.subscribe({ subscriber: 'third' });
    await until(() => third.began !== undefined);
    const fourth = one.subscribe({ subscriber: 'fourth' });
    await until(() => fourth.began !== undefined);
    expect([third.began, fourth.began]).toEqual(['now/none', 'now/full']);
    await append(1);
    await until(() => fourth.events.length === 1);
    await until(async () => (await names()).length === 3);
    expect(await names()).toEqual(['assignment/new', 'assignment/newer', 'assignment/third']);
  });
});

describe('a second stream of the same name', () => {
  it('ends the first with ABORTED, at the same replica and at another', async () => {
    const [one, two] = [await replica(), await replica()];
    const opened: SeenStream[] = [];
    for (const at of [one, one, two, one]) {
      const seen = at.subscribe({ subscriber: 'only', cursor: 'earliest' });
      await until(() => seen.began !== undefined);
      await until(() => opened.every(({ error }) => error !== undefined), 'the older to end');
      opened.push(seen);
    }
    expect(opened.slice(0, -1).map(({ error }) => error?.code)).toEqual(
      [1, 2, 3].map(() => status.ABORTED),
    );
    expect(opened[0]?.error?.details).toContain('subscriber "only" has connected again');
    await append(1);
    await until(() => opened[3]?.events.length === 1);
    expect(opened[3]?.error).toBeUndefined();
    const ended = await Promise.all(
      [one, two].map(({ metric }) => metric('glitchwatch_gateway_takeovers_total')),
    );
    expect(ended[0]! + ended[1]!).toBe(3);
  });

  it('of many that come at once, one stays', async () => {
    const [one, two] = [await replica(), await replica()];
    const seen = Array.from({ length: 12 }, (_, i) =>
      (i % 2 === 0 ? one : two).subscribe({ subscriber: 'crowd' }),
    );
    await until(() => seen.filter(({ error }) => error !== undefined).length === 11);
    await until(() => seen.every(({ began }) => began !== undefined));
    await append(1);
    await until(() => seen.some(({ events }) => events.length === 1));
    expect(seen.filter(({ error }) => error === undefined)).toHaveLength(1);
  });

  it('of alerts does not disturb that of assignments', async () => {
    const one = await replica();
    const seen = one.subscribe({ subscriber: 'both' });
    await until(() => seen.began !== undefined);
    const alerts = one.grpc.subscribeAlerts({
      subscriber: 'both',
      cursor: '',
      ifos: [],
      states: [],
      kinds: [],
      withoutHistorical: false,
      slowSubscriberPolicy: 0,
    });
    alerts.on('error', () => undefined);
    let began = false;
    alerts.on('metadata', () => {
      began = true;
    });
    await until(() => began);
    await append(1);
    await until(() => seen.events.length === 1);
    expect(seen.error).toBeUndefined();
    alerts.cancel();
  });
});

describe('the family list of a replica that still reads the log', () => {
  it('is that of the others, marked, until it has its own', async () => {
    await log.append([assignmentRecord(1), assignmentRecord(2, { familyId: 1 }), modelRecord(1)]);
    const one = await replica();
    await untilReady(one);
    const full = await one.families();
    expect(full).toMatchObject({ stale: false, modelVersion: 1, nGlitches: 2n });
    expect(full.asOfMs).toBeUndefined();
    await until(async () => (await state.values.get('gateway.families', 'current')) !== undefined);

    const held = holdingBack(log, topics.models);
    const two = await replica({}, { log: held.log });
    await until(async () => (await two.families()).families.length > 0, 'what the other stored');
    expect(two.service.readiness().ready).toBe(false);
    const stale = await two.families();
    expect(stale).toEqual({ ...full, stale: true, asOfMs: expect.any(BigInt) });
    const http = await (await fetch(`${two.service.httpUrl}/v1/families`)).json();
    expect(http).toMatchObject({
      stale: true,
      asOfMs: Number(stale.asOfMs),
      families: [{ count: 1, byIfo: { L1: 1 } }, { count: 1 }],
    });
    held.release();
    await untilReady(two);
    expect(await two.families()).toEqual(full);
  });

  it('is its own where no other has stored one', async () => {
    await log.append([assignmentRecord(1), modelRecord(1)]);
    const held = holdingBack(log, topics.triggers);
    const one = await replica({}, { log: held.log });
    await until(async () => (await one.families()).families.length === 2);
    expect(await one.families()).toMatchObject({ stale: true, asOfMs: undefined });
    held.release();
    await untilReady(one);
    expect(await one.families()).toMatchObject({ stale: false });
  });
});
