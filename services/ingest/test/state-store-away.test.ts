import { join } from 'node:path';
import type { EventLog } from '@glitchwatch/event-log';
import { topics } from '@glitchwatch/proto';
import { openEmbeddedStateStore, type StateStore, StateStoreError } from '@glitchwatch/state-store';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadCursor } from '../src/dedupe-cursor.js';
import { type Bench, glitchOf, startBench, temporaryFolder } from './harness.js';

let folder: { dir: string; remove(): Promise<void> };
const benches: Bench[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.close();
  await folder.remove();
});

const config = { http: { enabled: false }, grpc: { enabled: false } };
const seeds = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => glitchOf(from + i));

/** A state store that can be away, or be replaced by an empty one. */
function fickle() {
  const mood: { isAway: boolean; instead: StateStore | undefined; calls: number } = {
    isAway: false,
    instead: undefined,
    calls: 0,
  };
  const guarded = <T extends object>(part: T, other: () => T | undefined): T =>
    new Proxy(part, {
      get: (target, name) => {
        const current = other() ?? target;
        const method: unknown = Reflect.get(current, name);
        if (typeof method !== 'function') return method;
        return async (...args: unknown[]) => {
          mood.calls += 1;
          if (mood.isAway) throw new StateStoreError('unavailable', 'the server is away');
          return Reflect.apply(method, current, args);
        };
      },
    });
  const wrapState = (state: StateStore): StateStore => ({
    dedupe: guarded(state.dedupe, () => mood.instead?.dedupe),
    values: guarded(state.values, () => mood.instead?.values),
    leases: state.leases,
    fanOut: state.fanOut,
    close: () => state.close(),
  });
  return { mood, wrapState };
}

async function open(options: Partial<Parameters<typeof startBench>[0]> = {}): Promise<Bench> {
  const bench = await startBench({ dir: folder.dir, config, ...options });
  benches.push(bench);
  return bench;
}

const inStep = (bench: Bench) => bench.metric('glitchwatch_ingest_dedupe_in_step');
const untilInStep = (bench: Bench) =>
  vi.waitFor(async () => expect(await inStep(bench)).toBe(1), { timeout: 10_000, interval: 50 });

/** Opens anew and says how often the log was read for it. */
async function reopen(): Promise<{ readonly bench: Bench; readonly tails: () => number }> {
  for (const bench of benches.splice(0)) await bench.close();
  let tails = 0;
  const wrapLog = (log: EventLog): EventLog =>
    new Proxy(log, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (name === 'tail') tails += 1;
        return typeof method === 'function' ? method.bind(target) : method;
      },
    });
  const bench = await open({ wrapLog });
  return { bench, tails: () => tails };
}

describe('a state store that is away', () => {
  it('stops no glitch, not even from the start on', async () => {
    const { mood, wrapState } = fickle();
    mood.isAway = true;
    const bench = await open({ wrapState });
    expect(await inStep(bench)).toBe(0);
    expect(await bench.service.submitGlitches(seeds(0, 20))).toMatchObject({ accepted: 20 });
    expect(await bench.service.submitGlitches(seeds(0, 21))).toMatchObject({
      accepted: 1,
      duplicates: 20,
    });
    expect(await bench.glitches()).toHaveLength(21);
  });

  it('knows all that came meanwhile once it is back', async () => {
    const { mood, wrapState } = fickle();
    const first = await open({ wrapState });
    await first.service.submitGlitches(seeds(0, 10));
    mood.isAway = true;
    await first.service.submitGlitches(seeds(10, 20));
    expect(await inStep(first)).toBe(0);
    mood.isAway = false;
    await first.service.submitGlitches(seeds(20, 30));
    await untilInStep(first);
    const { bench, tails } = await reopen();
    expect(tails()).toBe(0);
    expect(await bench.service.submitGlitches(seeds(0, 30))).toMatchObject({
      accepted: 0,
      duplicates: 30,
    });
  });

  it('is filled from the log where it was emptied under the running service', async () => {
    await (await open()).service.submitGlitches(seeds(0, 20));
    for (const bench of benches.splice(0)) await bench.close();
    const { mood, wrapState } = fickle();
    const bench = await open({ wrapState });
    const empty = await openEmbeddedStateStore({ dir: join(folder.dir, 'empty') });
    try {
      mood.instead = empty;
      await vi.waitFor(async () => expect(await loadCursor(empty)).toBeDefined(), {
        timeout: 10_000,
        interval: 50,
      });
      expect(await bench.service.submitGlitches(seeds(0, 21))).toMatchObject({
        accepted: 1,
        duplicates: 20,
      });
    } finally {
      for (const one of benches.splice(0)) await one.close();
      await empty.close();
    }
  });

  it('hides no bug: other errors of the store still show', async () => {
    const wrapState = (state: StateStore): StateStore => ({
      ...state,
      close: () => state.close(),
      dedupe: {
        ...state.dedupe,
        has: () => Promise.reject(new TypeError('a bug')),
        addIfAbsent: (keys, ttlMs) => state.dedupe.addIfAbsent(keys, ttlMs),
        remove: (keys) => state.dedupe.remove(keys),
      },
    });
    const bench = await open({ wrapState });
    await expect(bench.service.submitGlitches(seeds(0, 1))).rejects.toMatchObject({
      code: 'state_unavailable',
    });
  });
});

describe('several ingest processes', () => {
  it('fill the gaps in one another’s cursor', async () => {
    const [one, two] = [await open(), await open()];
    for (let i = 0; i < 40; i += 4) {
      await one.service.submitGlitches(seeds(i, i + 2));
      await two.service.submitGlitches(seeds(i + 2, i + 4));
    }
    const ends = new Map(
      (await one.log.offsets(topics.triggers)).map(({ partition, high }) => [partition, high]),
    );
    await vi.waitFor(async () => expect((await loadCursor(one.state))?.next).toEqual(ends), {
      timeout: 10_000,
      interval: 50,
    });
    const { bench, tails } = await reopen();
    expect(tails()).toBe(0);
    expect(await bench.service.submitGlitches(seeds(0, 40))).toMatchObject({ duplicates: 40 });
  });
});
