import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type EventLog, EventLogError } from '@glitchwatch/event-log';
import type { StateStore } from '@glitchwatch/state-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, type BenchOptions, glitchOf, startBench, temporaryFolder } from './harness.js';

let folder: { dir: string; remove(): Promise<void> };
let bench: Bench | undefined;

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await bench?.close();
  bench = undefined;
  await folder.remove();
});

const quiet = { http: { enabled: false }, grpc: { enabled: false } };

async function open(over: Partial<BenchOptions> = {}): Promise<Bench> {
  await bench?.close();
  bench = await startBench({ dir: folder.dir, config: quiet, ...over });
  return bench;
}

const seeds = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => glitchOf(from + i));

describe('submitGlitches', () => {
  it('appends each glitch once with its id, key and time of arrival', async () => {
    const { service, glitches, records } = await open();
    const before = BigInt(Date.now());
    const report = await service.submitGlitches(seeds(0, 3));
    expect(report).toMatchObject({ accepted: 3, duplicates: 0, rejected: [] });
    expect(new Set(report.glitchIds).size).toBe(3);
    const stored = await glitches();
    expect(stored.map(({ trigger }) => trigger?.glitchId).sort()).toEqual(
      [...report.glitchIds].sort(),
    );
    for (const { ingestedAtMs, trigger } of stored) {
      expect(ingestedAtMs).toBeGreaterThanOrEqual(before);
      expect(trigger?.source).toBe('simulator');
    }
    for (const { key, headers } of await records('glitch.triggers')) {
      expect(headers['event-id']).toBe(key);
    }
  });

  it('collapses the same glitch handed in many times at once', async () => {
    const { service, glitches, metric } = await open();
    const reports = await Promise.all(
      Array.from({ length: 50 }, () => service.submitGlitches([glitchOf(1), glitchOf(1)])),
    );
    expect(reports.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(1);
    expect(reports.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(99);
    expect(await glitches()).toHaveLength(1);
    expect(await metric('glitchwatch_ingest_duplicates_total{source="simulator"}')).toBe(99);
  });

  it('refuses bad glitches by index and takes the others', async () => {
    const { service, glitches } = await open();
    const good = glitchOf(1);
    const noWindows = { ...glitchOf(2), windows: [] };
    const [first] = glitchOf(3).windows;
    const broken = {
      ...glitchOf(3),
      windows: first === undefined ? [] : [{ ...first, data: Buffer.from([1, 2, 3]) }],
    };
    const wrongSize = {
      ...glitchOf(4),
      windows: first === undefined ? [] : [{ ...first, nTime: 64 }],
    };
    const twice = {
      ...glitchOf(5),
      windows: first === undefined ? [] : [first, first],
    };
    const odd = {
      ...glitchOf(6),
      windows: first === undefined ? [] : [{ ...first, windowSec: 3 }],
    };
    const report = await service.submitGlitches([good, noWindows, broken, wrongSize, twice, odd]);
    expect(report.accepted).toBe(1);
    expect(report.rejected.map(({ index, code }) => [index, code])).toEqual([
      [1, 'missing_window'],
      [2, 'bad_grid'],
      [3, 'bad_grid'],
      [4, 'duplicate_window'],
      [5, 'bad_window'],
    ]);
    expect(await glitches()).toHaveLength(1);
  });
});

describe('duplicates across restarts', () => {
  it('are recognised after a clean stop, and nothing is read again', async () => {
    await (await open()).service.submitGlitches(seeds(0, 20));
    let tails = 0;
    const wrapLog = (log: EventLog): EventLog =>
      override(log, {
        tail: (options) => {
          tails += 1;
          return log.tail(options);
        },
      });
    const { service } = await open({ wrapLog });
    expect(tails).toBe(0);
    const report = await service.submitGlitches(seeds(0, 21));
    expect(report).toMatchObject({ accepted: 1, duplicates: 20 });
  });

  it('are recognised when the state store was lost', async () => {
    await (await open()).service.submitGlitches(seeds(0, 20));
    await bench?.close();
    await rm(join(folder.dir, 'state'), { recursive: true });
    const { service, glitches } = await open();
    const report = await service.submitGlitches(seeds(0, 21));
    expect(report).toMatchObject({ accepted: 1, duplicates: 20 });
    expect(await glitches()).toHaveLength(21);
  });

  it('are recognised after a crash between the append and the state store', async () => {
    const wrapState = (state: StateStore): StateStore =>
      override(state, {
        dedupe: override(state.dedupe, {
          addIfAbsent: () => Promise.reject(new Error('power cut')),
        }),
      });
    const first = await open({ wrapState });
    const report = await first.service.submitGlitches(seeds(0, 5));
    expect(report.accepted).toBe(5);
    const { service, glitches } = await open();
    expect(await service.submitGlitches(seeds(0, 5))).toMatchObject({ accepted: 0, duplicates: 5 });
    expect(await glitches()).toHaveLength(5);
  });

  it('do not hide glitches when the log was lost and the state store was not', async () => {
    await (await open()).service.submitGlitches(seeds(0, 5));
    await bench?.close();
    await rm(join(folder.dir, 'log'), { recursive: true });
    const { service, glitches } = await open();
    expect(await service.submitGlitches(seeds(0, 5))).toMatchObject({ accepted: 5 });
    expect(await glitches()).toHaveLength(5);
  });
});

describe('a log that is away', () => {
  function failing(times: number, code: 'unavailable' | 'record_too_large' = 'unavailable') {
    let left = times;
    return (log: EventLog): EventLog =>
      override(log, {
        append: (records) => {
          left -= 1;
          return left >= 0
            ? Promise.reject(new EventLogError(code, 'the broker is away'))
            : log.append(records);
        },
      });
  }
  const append = { firstPauseMs: 1, attempts: 4 };

  it('is asked again and nothing is lost', async () => {
    const { service, glitches } = await open({
      wrapLog: failing(3),
      config: { ...quiet, append },
    });
    expect(await service.submitGlitches(seeds(0, 10))).toMatchObject({ accepted: 10 });
    expect(await glitches()).toHaveLength(10);
  });

  it('fails the call after some attempts, and handing in again works', async () => {
    const { service, glitches } = await open({
      wrapLog: failing(4),
      config: { ...quiet, append },
    });
    await expect(service.submitGlitches(seeds(0, 3))).rejects.toMatchObject({
      code: 'log_unavailable',
      message: expect.stringContaining('the broker is away'),
    });
    expect(await glitches()).toEqual([]);
    expect(await service.submitGlitches(seeds(0, 3))).toMatchObject({ accepted: 3 });
  });

  it('refuses only the record that is too large for it', async () => {
    let poisonKey: string | undefined;
    const wrapLog = (log: EventLog): EventLog =>
      override(log, {
        append: (records) => {
          poisonKey ??= records[1]?.key;
          return records.some(({ key }) => key === poisonKey)
            ? Promise.reject(new EventLogError('record_too_large', 'too large'))
            : log.append(records);
        },
      });
    const { service, glitches } = await open({ wrapLog });
    const report = await service.submitGlitches(seeds(0, 4));
    expect(report.accepted).toBe(3);
    expect(report.rejected).toMatchObject([{ index: 1, code: 'too_large' }]);
    expect(await glitches()).toHaveLength(3);
  });

  it('holds sources back instead of filling the memory', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let largest = 0;
    const wrapLog = (log: EventLog): EventLog =>
      override(log, {
        append: async (records) => {
          await gate;
          largest = Math.max(largest, records.length);
          return log.append(records);
        },
      });
    const { service, glitches } = await open({
      wrapLog,
      config: { ...quiet, append: { maxPendingBytes: 3_000, maxBatchRecords: 4 } },
    });
    const submitted = service.submitGlitches(seeds(0, 30));
    release();
    expect(await submitted).toMatchObject({ accepted: 30 });
    expect(largest).toBeLessThanOrEqual(4);
    expect(await glitches()).toHaveLength(30);
  });
});

describe('life cycle', () => {
  it('stops twice, refuses work after that, and says so', async () => {
    const { service } = await open();
    expect(service.readiness().ready).toBe(true);
    await Promise.all([service.stop(), service.stop()]);
    expect(service.readiness()).toEqual({ ready: false, detail: 'stopping' });
    await expect(service.submitGlitches(seeds(0, 1))).rejects.toMatchObject({ code: 'stopped' });
  });
});

/** The same port with some of its members replaced. */
function override<T extends object>(port: T, members: Partial<T>): T {
  return new Proxy(port, {
    get(target, key) {
      const value: unknown = Reflect.get(key in members ? members : target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
