import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { StateStore } from '../port.js';
import { run } from './commands.js';
import { Environment } from './environment.js';
import { openEmbeddedStateStore } from './open.js';
import { openTables } from './tables.js';

/** What only this adapter does; what all adapters do is in test/contract. */
describe('embedded state store', () => {
  let dir: string;
  const stores: StateStore[] = [];
  const open = async (options = {}): Promise<StateStore> => {
    const store = await openEmbeddedStateStore({ dir, ...options });
    stores.push(store);
    return store;
  };
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'glitchwatch-state-'));
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    rmSync(dir, { recursive: true, force: true });
  });

  test('expired dedupe keys are dropped as new ones come, so the store stays small', async () => {
    const environment = new Environment(join(dir, 'direct'), 'process');
    const tables = openTables(environment);
    const add = (keys: string[], ttlMs: number, nowMs: number) =>
      environment.write(() => run(tables, { kind: 'add-if-absent', keys, ttlMs, nowMs }));
    const rows = (): number => environment.read(() => tables.dedupe.getCount());
    for (let i = 0; i < 50; i++) add([`a${i}`, `b${i}`], 1000, i);
    expect(rows()).toBe(200);
    expect(add(['a0'], 1000, 5000)).toEqual([true]);
    add(['late'], 1000, 5001);
    expect(rows()).toBe(4);
    await environment.close();
  });

  test('time to live and leases follow the clock that is given', async () => {
    let now = 1_000_000;
    const store = await open({ nowMs: () => now });
    await store.dedupe.addIfAbsent(['k'], 100);
    const lease = await store.leases.acquire('l', 'one', 100);
    now += 99;
    expect(await store.dedupe.has(['k'])).toEqual([true]);
    expect(await store.leases.acquire('l', 'two', 100)).toBeUndefined();
    now += 1;
    expect(await store.dedupe.has(['k'])).toEqual([false]);
    const next = await store.leases.acquire('l', 'two', 100);
    expect(next?.fencingToken).toBeGreaterThan(lease?.fencingToken ?? 0n);
  });

  test('a fencing token grows even where the store was lost', async () => {
    const store = await open();
    const lease = await store.leases.acquire('l', 'one', 1);
    await store.close();
    rmSync(dir, { recursive: true });
    const next = await (await open()).leases.acquire('l', 'two', 1);
    expect(next!.fencingToken).toBeGreaterThan(lease!.fencingToken);
    expect(next!.fencingToken).toBeGreaterThan(1_700_000_000_000n);
  });

  test('the same holder takes its lease again with a larger token', async () => {
    const store = await open();
    const first = await store.leases.acquire('l', 'one', 60_000);
    const again = await store.leases.acquire('l', 'one', 60_000);
    expect(again!.fencingToken).toBeGreaterThan(first!.fencingToken);
    expect(await first!.renew()).toBe(false);
    expect(await again!.renew()).toBe(true);
  });

  test('the ring keeps a bounded number of messages', async () => {
    const store = await open({ pollIntervalMs: 5 });
    const heard: number[] = [];
    const listening = await open({ pollIntervalMs: 5 });
    await listening.fanOut.subscribe('c', (payload) => heard.push(payload.length));
    // No turn of the event loop in between: the other store can only look afterwards.
    const sent: Promise<void>[] = [];
    for (let i = 0; i < 9000; i++) sent.push(store.fanOut.publish('c', new Uint8Array(1)));
    await Promise.all(sent);
    await store.fanOut.publish('c', new Uint8Array(2));
    await vi.waitFor(() => expect(heard.at(-1)).toBe(2), 5000);
    expect(heard.length).toBeLessThanOrEqual(8192);
    expect(heard.length).toBeGreaterThan(8000);
  });

  test('a listener that throws harms neither the publisher nor the others', async () => {
    const uncaught = vi.fn();
    const before = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', uncaught);
    try {
      const store = await open();
      const heard: number[] = [];
      await store.fanOut.subscribe('c', () => {
        throw new Error('a bug of the listener');
      });
      await store.fanOut.subscribe('c', (payload) => heard.push(payload.length));
      await store.fanOut.publish('c', new Uint8Array(1));
      await store.fanOut.publish('c', new Uint8Array(2));
      expect(heard).toEqual([1, 2]);
      await vi.waitFor(() => expect(uncaught).toHaveBeenCalledTimes(2));
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of before) process.on('uncaughtException', listener);
    }
  });

  test('messages of an earlier boot are thrown away', async () => {
    mkdirSync(join(dir, 'fan-out-earlier-boot'));
    await open();
    expect(readdirSync(dir)).not.toContain('fan-out-earlier-boot');
  });

  test('refuses bad names, and a folder that cannot be one, by name', async () => {
    const store = await open();
    const value = new Uint8Array(1);
    const refused = { code: 'bad_request' };
    await expect(store.values.set('', 'k', value)).rejects.toMatchObject(refused);
    await expect(store.values.set('n', 'k'.repeat(701), value)).rejects.toMatchObject(refused);
    await expect(store.leases.acquire('', 'h', 1)).rejects.toMatchObject(refused);
    const large = new Uint8Array(5 * 2 ** 20);
    await expect(store.fanOut.publish('c', large)).rejects.toMatchObject(refused);
    const file = join(dir, 'a-file');
    writeFileSync(file, '');
    await expect(openEmbeddedStateStore({ dir: file })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(file),
    });
  });
});
