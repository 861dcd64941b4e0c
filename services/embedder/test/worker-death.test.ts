import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createEmbedder,
  type Embedder,
  type EmbedderOptions,
  type EmbedResult,
} from '../src/embedder.js';
import { glitchOf, glitchSaying } from './glitches.js';

const modelDir = fileURLToPath(new URL('./fixtures/grids-network', import.meta.url));
let scratch = '';
let embedder: Embedder;
let deaths: { code: string; message: string; batch: number }[] = [];
let starts = 0;

async function open(options: Partial<EmbedderOptions> = {}): Promise<void> {
  embedder = await createEmbedder({
    modelDir,
    workerUrl: new URL('./fixtures/dying-worker.mjs', import.meta.url),
    restart: { firstPauseMs: 1, maxPauseMs: 4, maxFailedStarts: 3 },
    maxDelayMs: 20,
    ...options,
    events: {
      onWorkerStart: () => {
        starts++;
      },
      onWorkerDeath: ({ code, message }, batch) => {
        deaths.push({ code, message, batch });
      },
    },
  });
}

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'dying-worker-'));
  process.env.DYING_WORKER_DIR = scratch;
  deaths = [];
  starts = 0;
});
afterEach(async () => {
  await embedder.close();
  delete process.env.DYING_WORKER_DIR;
  await rm(scratch, { recursive: true, force: true });
});

const codes = (results: readonly EmbedResult[]): (string | undefined)[] =>
  results.map((result) => (result.kind === 'failed' ? result.error.code : undefined));

describe('when the inference worker dies', () => {
  it('tries the batch again with a new worker', async () => {
    // Sent when it is full and not before, however slowly its glitches come.
    await open({ maxBatchGlitches: 3, maxDelayMs: 60_000 });
    const results = await embedder.embedEach([
      glitchOf(1),
      glitchSaying(2, 'die once'),
      glitchOf(3),
    ]);
    expect(codes(results)).toEqual([undefined, undefined, undefined]);
    expect(deaths).toEqual([
      { code: 'worker_died', message: 'inference worker ended: exit code 8', batch: 3 },
    ]);
    expect(starts).toBe(2);
    expect(embedder.aliveWorkers()).toBe(1);
  });

  it('finds the one glitch that kills it; the others get the vectors they would have had', async () => {
    // One batch of all, however slowly they come.
    await open({ maxDelayMs: 1000 });
    const glitches = Array.from({ length: 32 }, (_, i) =>
      i === 13 ? glitchSaying(i, 'die') : glitchOf(i),
    );
    const results = await embedder.embedEach(glitches);
    expect(
      codes(results)
        .map((code, i) => (code === undefined ? -1 : i))
        .filter((i) => i >= 0),
    ).toEqual([13]);
    expect(results[13]).toMatchObject({
      error: { code: 'worker_killed', glitchId: glitches[13]?.trigger?.glitchId },
    });
    // Whole, whole again, the half that holds it each time, and it alone twice.
    expect(deaths.map((death) => death.batch)).toEqual([32, 32, 16, 8, 4, 2, 1, 1]);
    const others = glitches.filter((_, i) => i !== 13);
    const alone = await embedder.embed(others);
    const found = results.flatMap((result) => (result.kind === 'embedding' ? [result.vector] : []));
    expect(found).toEqual(alone);
  });

  it('finds two of them', async () => {
    await open();
    const glitches = Array.from({ length: 8 }, (_, i) =>
      i === 0 || i === 6 ? glitchSaying(i, 'die') : glitchOf(i),
    );
    const results = await embedder.embedEach(glitches);
    expect(codes(results)).toEqual([
      'worker_killed',
      ...Array(5).fill(undefined),
      'worker_killed',
      undefined,
    ]);
  });

  it('does not blame a glitch for a death that the one before it caused', async () => {
    await open({ maxBatchGlitches: 1 });
    const glitches = [glitchSaying(0, 'die later'), ...[1, 2, 3].map((i) => glitchOf(i))];
    const results = await embedder.embedEach(glitches);
    // The first was answered before the worker died.
    expect(codes(results)).toEqual([undefined, undefined, undefined, undefined]);
    await expect.poll(() => deaths.length + starts, { timeout: 5000 }).toBeGreaterThanOrEqual(2);
  });

  it('ends a worker that does not answer in time', async () => {
    await open({ batchTimeoutMs: 300 });
    const results = await embedder.embedEach([glitchSaying(1, 'hang')]);
    expect(codes(results)).toEqual(['worker_killed']);
    expect(results[0]).toMatchObject({
      error: { message: expect.stringContaining('within 300 ms') },
    });
    expect(await embedder.embed([glitchOf(1)])).toHaveLength(1);
  });

  it('gives the batch back when no worker can be started, and recovers', async () => {
    await open();
    const doomed = embedder.embedEach([glitchOf(1), glitchSaying(2, 'die for good')]);
    await expect(doomed).rejects.toMatchObject({
      code: 'worker_died',
      message: expect.stringContaining('3 attempts'),
    });
    expect(embedder.aliveWorkers()).toBe(0);
    await rm(join(scratch, 'no-start'));
    expect(await embedder.embed([glitchOf(1)])).toHaveLength(1);
    expect(embedder.aliveWorkers()).toBe(1);
  });

  it('one worker of two dying leaves the other at work', async () => {
    await open({ threads: 2, maxBatchGlitches: 4 });
    const glitches = Array.from({ length: 40 }, (_, i) =>
      i === 5 ? glitchSaying(i, 'die') : glitchOf(i),
    );
    const results = await embedder.embedEach(glitches);
    expect(codes(results).filter((code) => code !== undefined)).toEqual(['worker_killed']);
    expect(embedder.aliveWorkers()).toBe(2);
  });

  it('goes on with another unpacking thread when one ends', async () => {
    await open({ unpackerUrl: new URL('./fixtures/dying-unpacker.mjs', import.meta.url) });
    const doomed = embedder.embed([glitchOf(1)]);
    await expect(doomed).rejects.toMatchObject({
      code: 'worker_died',
      message: 'unpacking worker ended: exit code 8',
    });
    const [vector] = await embedder.embed([glitchOf(1)]);
    await embedder.close();
    await open();
    expect([vector]).toEqual(await embedder.embed([glitchOf(1)]));
  });

  it('closes while it restarts', async () => {
    await open({ restart: { firstPauseMs: 60_000, maxPauseMs: 60_000 } });
    const doomed = embedder.embedEach([glitchSaying(1, 'die')]);
    const refused = expect(doomed).rejects.toMatchObject({ code: 'closed' });
    await expect.poll(() => deaths.length, { timeout: 5000 }).toBe(1);
    await embedder.close();
    await refused;
  });
});
