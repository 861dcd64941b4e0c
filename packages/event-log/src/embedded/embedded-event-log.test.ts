import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EventLogError } from '../errors.js';
import type { EventLog, RecordBatch } from '../port.js';
import { openEmbeddedEventLog } from './open.js';

/** What only this adapter does; what all adapters do is in test/contract. */
describe('embedded event log', () => {
  let dir: string;
  const logs: EventLog[] = [];
  const open = async (options = {}): Promise<EventLog> => {
    const log = await openEmbeddedEventLog({ dir, ...options });
    logs.push(log);
    return log;
  };
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'glitchwatch-embedded-'));
  });
  afterEach(async () => {
    await Promise.all(logs.splice(0).map((log) => log.close()));
    rmSync(dir, { recursive: true, force: true });
  });

  const record = (value: Uint8Array, timestampMs = Date.now()) => ({
    topic: 't',
    key: 'k',
    value,
    timestampMs,
  });
  const topic = (retentionMs?: number) =>
    ({ name: 't', partitions: 1, cleanup: 'delete', retentionMs }) as const;

  test('full: appends fail with disk_full and work again once there is room', async () => {
    const log = await open({ maxBytes: 2 ** 20 });
    await log.ensureTopics([topic(3_600_000)]);
    const value = new Uint8Array(50_000);
    let stored = 0;
    const fill = async (): Promise<never> => {
      for (;;) {
        await log.append([record(value, 1_000)]);
        stored += 1;
      }
    };
    await expect(fill()).rejects.toMatchObject({ code: 'disk_full' });
    expect(stored).toBeGreaterThan(15);
    expect(stored).toBeLessThan(21);
    // Reads, small records and groups go on meanwhile.
    expect((await log.offsets('t'))[0]?.high).toBe(BigInt(stored));
    await log.append([record(new Uint8Array(10))]);
    await log.clean();
    await log.append([record(value), record(value)]);
  });

  test('full: a batch whose outputs do not fit is told, comes again and is not committed', async () => {
    const log = await open({ maxBytes: 2 ** 20 });
    await log.ensureTopics([topic(3_600_000), { ...topic(), name: 'out' }]);
    await log.append([record(new Uint8Array(10))]);
    await log.append([record(new Uint8Array(700_000), 1_000), record(new Uint8Array(10))]);
    const codes: string[] = [];
    let batches = 0;
    await log.consume({
      groupId: 'g',
      topics: ['t'],
      handler: async () => {
        batches += 1;
        return [{ topic: 'out', key: 'k', value: new Uint8Array(600_000) }];
      },
      onError: (error) => codes.push(error instanceof EventLogError ? error.code : error.message),
    });
    await vi.waitFor(() => expect(codes).toEqual(['disk_full', 'disk_full']), 5000);
    expect((await log.lag('g', ['t']))[0]?.committed).toBeUndefined();
    expect((await log.offsets('out'))[0]?.high).toBe(0n);
    expect(batches).toBeGreaterThanOrEqual(2);
  });

  test('cleans by itself, once for all who share the folder', async () => {
    const log = await open({ cleanIntervalMs: 50 });
    await open({ cleanIntervalMs: 50 });
    await log.ensureTopics([topic(3_600_000)]);
    await log.append([record(new Uint8Array(1), 1_000), record(new Uint8Array(2))]);
    await vi.waitFor(async () => expect((await log.offsets('t'))[0]?.low).toBe(1n), 5000);
  });

  test('a batch and its outputs are one change: a throw after them leaves neither', async () => {
    const log = await open();
    await log.ensureTopics([topic(), { ...topic(), name: 'out' }]);
    await log.append([record(new Uint8Array([1]))]);
    const told: string[] = [];
    const consumer = await log.consume({
      groupId: 'g',
      topics: ['t'],
      handler: async () => [
        { topic: 'out', key: 'k', value: new Uint8Array([1]) },
        { topic: 'missing', key: 'k', value: new Uint8Array([2]) },
      ],
      onError: (error) => told.push((error as EventLogError).code),
    });
    await vi.waitFor(() => expect(told.length).toBeGreaterThan(1), 5000);
    await consumer.stop();
    expect(new Set(told)).toEqual(new Set(['unknown_topic']));
    expect((await log.offsets('out'))[0]?.high).toBe(0n);
    expect((await log.lag('g', ['t']))[0]?.lag).toBe(1n);
  });

  test('a batch that does not end within a session of the handover loses its partition', async () => {
    const log = await open();
    await log.ensureTopics([
      { ...topic(), name: 'two', partitions: 2 },
      { ...topic(), name: 'out' },
    ]);
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    await log.append(keys.map((key) => ({ topic: 'two', key, value: new Uint8Array(1) })));
    const common = { groupId: 'g', topics: ['two'], sessionTimeoutMs: 300 };
    let release = (): void => undefined;
    const blocked = new Promise<void>((resolve) => {
      release = resolve;
    });
    const signals = new Map<number, AbortSignal>();
    const fenced: (number | undefined)[] = [];
    await log.consume({
      ...common,
      handler: async ({ partition }: RecordBatch, { signal }) => {
        signals.set(partition, signal);
        await blocked;
        return [{ topic: 'out', key: String(partition), value: new Uint8Array(1) }];
      },
      onError: (error, batch) => {
        if ((error as EventLogError).code === 'fenced') fenced.push(batch?.partition);
      },
    });
    await vi.waitFor(() => expect(signals.size).toBe(2), 5000);
    const rival = await open();
    const taken: number[] = [];
    const joinedAtMs = Date.now();
    await rival.consume({
      ...common,
      handler: async ({ partition }) => {
        taken.push(partition);
        return [];
      },
    });
    await vi.waitFor(() => expect(taken).toHaveLength(1), 5000);
    expect(Date.now() - joinedAtMs).toBeGreaterThanOrEqual(300);
    const [lost] = taken as [number];
    await vi.waitFor(() => expect(signals.get(lost)?.aborted).toBe(true), 5000);
    expect(signals.get(1 - lost)?.aborted).toBe(false);
    release();
    await vi.waitFor(() => expect(fenced).toEqual([lost]), 5000);
    // Only the batch that was still the member's own has left its output.
    await vi.waitFor(async () => {
      const outputs = await log.read('out', 0, 0n, 10);
      expect(outputs.map(({ key }) => key)).toEqual([String(1 - lost)]);
    }, 5000);
  });

  test('names what is wrong with its options and its folder', async () => {
    await expect(openEmbeddedEventLog({ dir, maxBytes: 12 })).rejects.toThrow(/maxBytes.*found 12/);
    await expect(openEmbeddedEventLog({ dir, pollIntervalMs: 0 })).rejects.toThrow(/pollInterval/);
    const file = join(dir, 'a-file');
    writeFileSync(file, 'not a folder');
    await expect(openEmbeddedEventLog({ dir: file })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(file),
    });
    const log = await open();
    for (const name of ['', 'a/b', 'ü', '..', 'x'.repeat(250)]) {
      const refused = log.ensureTopics([{ name, partitions: 1, cleanup: 'delete' }]);
      await expect(refused).rejects.toMatchObject({ code: 'bad_request' });
    }
    const none = { name: 't', partitions: 0, cleanup: 'delete' } as const;
    await expect(log.ensureTopics([none])).rejects.toMatchObject({ code: 'bad_request' });
  });

  test('opens and closes many times without losing anything', async () => {
    for (let i = 0; i < 10; i++) {
      const log = await openEmbeddedEventLog({ dir });
      await log.ensureTopics([topic()]);
      const [position] = await log.append([record(new Uint8Array([i]))]);
      expect(position?.offset).toBe(BigInt(i));
      await log.close();
    }
  });
});
