import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EventLog, openEmbeddedEventLog } from '@glitchwatch/event-log';
import { GoldenEmbeddings, GoldenSet, topicLayouts, topics } from '@glitchwatch/proto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withOtherWeights } from '../../../test/fixtures/other-weights.js';
import { createEmbedder, type EmbedderOptions } from '../src/embedder.js';
import { GoldenCheck } from '../src/golden/golden-check.js';
import { bundledGoldenPath, type Golden, goldenFor, readGolden } from '../src/golden/golden-set.js';
import { readModelDescription } from '../src/model-file.js';

const modelDir = fileURLToPath(new URL('./fixtures/grids-network', import.meta.url));
const otherResults = new URL('./fixtures/other-results-worker.mjs', import.meta.url);
const { signal } = new AbortController();

let dir = '';
let log: EventLog;
let golden: Golden;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'golden-'));
  log = await openEmbeddedEventLog({ dir: join(dir, 'log') });
  await log.ensureTopics(topicLayouts);
  golden = await readGolden(bundledGoldenPath());
});
afterEach(async () => {
  await log.close();
  await rm(dir, { recursive: true, force: true });
});

/** One check by an embedder that has just started. */
async function checkWith(options: Partial<EmbedderOptions> = {}) {
  const embedder = await createEmbedder({ modelDir, ...options });
  const events = { onGoldenChecked: () => undefined, onGoldenFailed: () => undefined };
  const parts = { log, embedder, golden, runtime: 'test', clock: { nowMs: () => 1 }, events };
  try {
    return await new GoldenCheck(parts).check(signal);
  } finally {
    await embedder.close();
  }
}

async function onTheLog(): Promise<GoldenEmbeddings[]> {
  const found: GoldenEmbeddings[] = [];
  const all = { topic: topics.golden, from: 'earliest', stopAtEnd: true, signal } as const;
  for await (const { records } of log.tail(all))
    found.push(...records.map(({ value }) => GoldenEmbeddings.decode(value)));
  return found;
}

describe('the golden glitches', () => {
  it('are the ones that they always were', () => {
    expect(golden.sha256).toBe('39f506f757ceb98d2a2a9563b0197f4a42c98e241aa4583d89303534bf8ea78d');
    expect(golden.glitches).toHaveLength(12);
  });

  it('stand on the log once, however often the same embedder makes them', async () => {
    expect(await checkWith()).toEqual({ max: 0, mean: 0 });
    expect(await checkWith({ threads: 2 })).toEqual({ max: 0, mean: 0 });
    const [first, ...more] = await onTheLog();
    expect(more).toEqual([]);
    expect(first).toMatchObject({ embedder: 'grids-network', device: 'cpu', runtime: 'test' });
    expect(first?.vectors.map(({ values }) => values.length)).toEqual(Array(12).fill(16));
  });

  it('show another result of the same network, and that it is gone again', async () => {
    await checkWith();
    const shift = await checkWith({ workerUrl: otherResults });
    expect(shift.mean).toBeGreaterThan(0.001);
    expect(await checkWith()).toEqual({ max: 0, mean: 0 });
    const records = await onTheLog();
    expect(records).toHaveLength(3);
    expect(new Set(records.map(({ embedderSha256 }) => embedderSha256)).size).toBe(1);
    expect(records[2]?.vectors).toEqual(records[0]?.vectors);
  });

  it('show other weights, and a network of another size', async () => {
    await checkWith();
    const other = await withOtherWeights(modelDir, join(dir, 'other'));
    const shift = await checkWith({ modelDir: other });
    expect(shift.max).toBeGreaterThan(0.001);
    const image = fileURLToPath(new URL('./fixtures/image-network', import.meta.url));
    expect(await checkWith({ modelDir: image })).toEqual({ max: 1, mean: 1 });
    expect(new Set((await onTheLog()).map(({ embedderSha256 }) => embedderSha256)).size).toBe(3);
  });

  it('come with the windows that a network knows', async () => {
    const description = await readModelDescription(modelDir);
    const some = goldenFor(golden, { ...description, windowsSec: [1, 2] });
    for (const { windows } of some) expect(windows.map((one) => one.windowSec)).toEqual([1, 2]);
  });

  it('say what is wrong with their file', async () => {
    await mkdir(join(dir, 'files'));
    const path = join(dir, 'files', 'golden.pb');
    await expect(readGolden(path)).rejects.toMatchObject({ code: 'bad_golden_set' });
    await writeFile(path, GoldenSet.encode({ glitches: [] }).finish());
    await expect(readGolden(path)).rejects.toThrow(
      /golden\.pb: expected golden glitches, found no/,
    );
    await writeFile(path, (await readFile(bundledGoldenPath())).subarray(0, 1_000));
    await expect(readGolden(path)).rejects.toMatchObject({ code: 'bad_golden_set' });
  });
});
