import type { Lease, StateStore } from '@glitchwatch/state-store';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  bytes,
  createFixture,
  type Fixture,
  type StateStoreUnderTest,
  text,
  unique,
} from './state-store/setup.js';
import { until } from './until.js';

export type { StateStoreUnderTest } from './state-store/setup.js';

const HOUR_MS = 3_600_000;

/** The promises of packages/state-store/src/port.ts; every adapter runs them unchanged. */
export function stateStoreContract(
  name: string,
  factory: () => Promise<StateStoreUnderTest>,
  deadlineMs: number,
): void {
  describe(`state store: ${name}`, () => {
    let underTest: StateStoreUnderTest;
    let fixture: Fixture;
    let store: StateStore;
    let cleanUp: () => Promise<void>;

    beforeAll(async () => {
      underTest = await factory();
    });
    beforeEach(async () => {
      ({ fixture, cleanUp } = createFixture(underTest, deadlineMs));
      store = await fixture.open();
    });
    afterEach(() => cleanUp());
    afterAll(() => underTest.dispose());

    describe('dedupe', () => {
      test('adds a key once', async () => {
        const [a, b, c] = [unique('a'), unique('b'), unique('c')];
        expect(await store.dedupe.has([a, b])).toEqual([false, false]);
        expect(await store.dedupe.addIfAbsent([a, b], HOUR_MS)).toEqual([true, true]);
        expect(await store.dedupe.addIfAbsent([b, c], HOUR_MS)).toEqual([false, true]);
        expect(await store.dedupe.has([a, b, c])).toEqual([true, true, true]);
      });

      test('adds a key once within one call too', async () => {
        const key = unique('k');
        expect(await store.dedupe.addIfAbsent([key, key], HOUR_MS)).toEqual([true, false]);
      });

      test('takes keys back', async () => {
        const [a, b] = [unique('a'), unique('b')];
        await store.dedupe.addIfAbsent([a, b], HOUR_MS);
        await store.dedupe.remove([a, unique('never there')]);
        expect(await store.dedupe.has([a, b])).toEqual([false, true]);
        expect(await store.dedupe.addIfAbsent([a], HOUR_MS)).toEqual([true]);
      });

      test('forgets a key after its time to live', async () => {
        const [short, long] = [unique('short'), unique('long')];
        await store.dedupe.addIfAbsent([short], 50);
        await store.dedupe.addIfAbsent([long], HOUR_MS);
        await until('the short one is forgotten', deadlineMs, async () => {
          const [there] = await store.dedupe.has([short]);
          return there === false;
        });
        expect(await store.dedupe.addIfAbsent([short, long], HOUR_MS)).toEqual([true, false]);
      });

      test('takes long keys and any letter', async () => {
        const keys = [`${unique('long')}${'x'.repeat(5000)}`, `${unique('Łódź ☃')}\n/`];
        expect(await store.dedupe.addIfAbsent(keys, HOUR_MS)).toEqual([true, true]);
        expect(await store.dedupe.addIfAbsent(keys, HOUR_MS)).toEqual([false, false]);
      });

      test('answers true exactly once when several ask at the same moment', async () => {
        const others = await Promise.all([fixture.startProcess(), fixture.startProcess()]);
        const keys = Array.from({ length: 200 }, () => unique('k'));
        const answers = await Promise.all([
          ...others.map((other) => other.ask('addIfAbsent', { keys, ttlMs: HOUR_MS })),
          ...keys.map((key) => store.dedupe.addIfAbsent([key], HOUR_MS)),
        ]);
        const [first, second, ...own] = answers as boolean[][];
        for (const [index] of keys.entries()) {
          const wins = [first?.[index], second?.[index], own[index]?.[0]].filter(Boolean);
          expect(wins).toHaveLength(1);
        }
      });
    });

    describe('values', () => {
      test('are kept by namespace and key', async () => {
        const [one, two] = [unique('one'), unique('two')];
        expect(await store.values.get(one, 'k')).toBeUndefined();
        await store.values.set(one, 'k', bytes('first'));
        await store.values.set(two, 'k', bytes('other namespace'));
        await store.values.set(one, 'k', bytes('second'));
        await store.values.set(one, 'empty', new Uint8Array());
        expect(text(await store.values.get(one, 'k'))).toBe('second');
        expect(text(await store.values.get(two, 'k'))).toBe('other namespace');
        expect(await store.values.get(one, 'empty')).toEqual(new Uint8Array());
        await store.values.delete(one, 'k');
        await store.values.delete(one, 'never there');
        expect(await store.values.get(one, 'k')).toBeUndefined();
        expect(text(await store.values.get(two, 'k'))).toBe('other namespace');
      });

      test('entries lists one namespace only', async () => {
        const namespace = unique('n');
        const expected = Array.from({ length: 50 }, (_, i) => [`key ${i}`, `${i}`]);
        for (const [key, value] of expected) {
          await store.values.set(namespace, key!, bytes(value!));
        }
        await store.values.set(`${namespace}x`, 'k', bytes('not this'));
        const found = (await store.values.entries(namespace)).map(([k, v]) => [k, text(v)]);
        expect(found.sort()).toEqual(expected.sort());
        expect(await store.values.entries(unique('empty'))).toEqual([]);
      });

      test('are seen by others and after a restart', async () => {
        const namespace = unique('n');
        const other = await fixture.startProcess();
        await other.ask('set', { namespace, key: 'k', text: 'from the other' });
        expect(text(await store.values.get(namespace, 'k'))).toBe('from the other');
        await store.close();
        const reopened = await fixture.open();
        expect(text(await reopened.values.get(namespace, 'k'))).toBe('from the other');
      });

      test('do not share memory with the caller', async () => {
        const namespace = unique('n');
        const value = bytes('before');
        const stored = store.values.set(namespace, 'k', value);
        value.fill(0);
        await stored;
        const read = await store.values.get(namespace, 'k');
        expect(text(read)).toBe('before');
        read?.fill(0);
        expect(text(await store.values.get(namespace, 'k'))).toBe('before');
      });
    });

    describe('leases', () => {
      const acquire = async (name: string, holder: string, ttlMs = HOUR_MS): Promise<Lease> => {
        const lease = await store.leases.acquire(name, holder, ttlMs);
        if (lease === undefined) expect.fail(`${holder} did not get ${name}`);
        return lease;
      };

      test('have one holder until released', async () => {
        const name = unique('lease');
        const lease = await acquire(name, 'one');
        expect(lease.name).toBe(name);
        expect(lease.isFirst).toBe(true);
        expect(await store.leases.acquire(name, 'two', HOUR_MS)).toBeUndefined();
        expect(await lease.renew()).toBe(true);
        await lease.release();
        const next = await acquire(name, 'two');
        expect(next.fencingToken).toBeGreaterThan(lease.fencingToken);
        expect(next.isFirst).toBe(false);
        expect(await lease.renew()).toBe(false);
        // A late release of the former holder must not free the new one's.
        await lease.release();
        expect(await store.leases.acquire(name, 'three', HOUR_MS)).toBeUndefined();
        expect(await next.renew()).toBe(true);
      });

      test('pass on when they expire, and the former holder is told', async () => {
        const name = unique('lease');
        const lease = await acquire(name, 'one', 50);
        let next: Lease | undefined;
        await until('the next holder', deadlineMs, async () => {
          next = await store.leases.acquire(name, 'two', HOUR_MS);
          return next !== undefined;
        });
        expect(next!.fencingToken).toBeGreaterThan(lease.fencingToken);
        expect(next!.isFirst).toBe(false);
        expect(await lease.renew()).toBe(false);
      });

      test('last as long as they are renewed', async () => {
        const name = unique('lease');
        const ttlMs = 400;
        const lease = await acquire(name, 'one', ttlMs);
        const end = Date.now() + 3 * ttlMs;
        await until('three lifetimes', deadlineMs, async () => {
          expect(await lease.renew()).toBe(true);
          expect(await store.leases.acquire(name, 'two', ttlMs)).toBeUndefined();
          return Date.now() > end;
        });
      });

      test('go to one of many who ask at the same moment', async () => {
        const name = unique('lease');
        const others = await Promise.all([fixture.startProcess(), fixture.startProcess()]);
        const answers = await Promise.all([
          ...others.map((other, i) =>
            other.ask('acquire', { name, holder: `other ${i}`, ttlMs: HOUR_MS }),
          ),
          ...Array.from({ length: 10 }, async (_, i) => {
            const lease = await store.leases.acquire(name, `own ${i}`, HOUR_MS);
            return lease === undefined ? null : 'mine';
          }),
        ]);
        expect(answers.filter((answer) => answer !== null)).toHaveLength(1);
      });

      test('give growing tokens across restarts and the death of a holder', async () => {
        const name = unique('lease');
        const first = await acquire(name, 'one');
        await first.release();
        await store.close();
        const other = await fixture.startProcess();
        const token = BigInt(
          String(await other.ask('acquire', { name, holder: 'other', ttlMs: 50 })),
        );
        expect(token).toBeGreaterThan(first.fencingToken);
        await other.kill();
        store = await fixture.open();
        let last: Lease | undefined;
        await until('the dead holder expires', deadlineMs, async () => {
          last = await store.leases.acquire(name, 'three', HOUR_MS);
          return last !== undefined;
        });
        expect(last!.fencingToken).toBeGreaterThan(token);
      });
    });

    describe('fan-out', () => {
      test('reaches every subscriber of the channel, in order', async () => {
        const [channel, otherChannel] = [unique('c'), unique('c')];
        const heard: string[][] = [[], []];
        for (const list of heard) {
          await store.fanOut.subscribe(channel, (payload) => list.push(text(payload) ?? ''));
        }
        const sent = Array.from({ length: 100 }, (_, i) => `${i}`);
        await store.fanOut.publish(otherChannel, bytes('not for us'));
        for (const each of sent) await store.fanOut.publish(channel, bytes(each));
        await until('all', deadlineMs, () => heard.every((list) => list.length === 100));
        expect(heard).toEqual([sent, sent]);
      });

      test('reaches other processes', async () => {
        const channel = unique('c');
        const other = await fixture.startProcess();
        await other.ask('subscribe', { channel });
        const heard: string[] = [];
        await store.fanOut.subscribe(channel, (payload) => heard.push(text(payload) ?? ''));
        await store.fanOut.publish(channel, bytes('from here'));
        await until('it over there', deadlineMs, () => other.heard.length === 1);
        const texts = Array.from({ length: 20 }, (_, i) => `from there ${i}`);
        await other.ask('publish', { channel, texts });
        await until('them here', deadlineMs, () => heard.length === 21);
        expect(heard).toEqual(['from here', ...texts]);
      });

      test('keeps nothing for those who come later or have gone', async () => {
        const channel = unique('c');
        const heard: string[] = [];
        const gone = await store.fanOut.subscribe(channel, () => heard.push('gone'));
        await gone.close();
        await gone.close();
        await store.fanOut.publish(channel, bytes('early'));
        await store.fanOut.subscribe(channel, (payload) => heard.push(text(payload) ?? ''));
        await store.fanOut.publish(channel, bytes('late'));
        await until('the late one', deadlineMs, () => heard.includes('late'));
        expect(heard).toEqual(['late']);
      });
    });

    test('a closed store refuses everything, and may be closed twice', async () => {
      await Promise.all([store.close(), store.close()]);
      await store.close();
      const calls = [
        () => store.dedupe.has(['k']),
        () => store.dedupe.addIfAbsent(['k'], 1),
        () => store.values.get('n', 'k'),
        () => store.values.set('n', 'k', bytes('x')),
        () => store.leases.acquire('l', 'h', 1),
        () => store.fanOut.publish('c', bytes('x')),
        () => store.fanOut.subscribe('c', () => undefined),
      ];
      for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'closed' });
    });
  });
}
