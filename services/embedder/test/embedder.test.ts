import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Glitch } from '@glitchwatch/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createEmbedder,
  type Embedder,
  type EmbedderOptions,
  type EmbedResult,
} from '../src/embedder.js';
import { EmbedderError } from '../src/errors.js';
import { readModelDescription } from '../src/model-file.js';
import { glitchOf, gridBytes } from './glitches.js';

const fixtures = fileURLToPath(new URL('./fixtures', import.meta.url));
const modelDir = join(fixtures, 'grids-network');
const opened: Embedder[] = [];

async function open(options: Partial<EmbedderOptions> = {}): Promise<Embedder> {
  const embedder = await createEmbedder({ modelDir, ...options });
  opened.push(embedder);
  return embedder;
}
afterAll(() => Promise.all(opened.map((embedder) => embedder.close())));

function vectorOf(result: EmbedResult | undefined): Float32Array {
  if (result?.kind !== 'embedding') throw result?.error ?? new Error('no result');
  return result.vector;
}

function codeOf(result: EmbedResult | undefined): string | undefined {
  return result?.kind === 'failed' ? result.error.code : undefined;
}

const hex = (vector: Float32Array): string =>
  Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('hex');

describe('createEmbedder', () => {
  let embedder: Embedder;
  beforeAll(async () => {
    embedder = await open();
  });

  it('gives one unit vector per glitch, in order', async () => {
    const glitches = Array.from({ length: 70 }, (_, i) => glitchOf(i));
    const vectors = await embedder.embed(glitches);
    expect(vectors).toHaveLength(70);
    for (const vector of vectors) {
      expect(vector).toHaveLength(embedder.dimension);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 6);
    }
    const [again] = await embedder.embed([glitchOf(41)]);
    expect(hex(again as Float32Array)).toBe(hex(vectors[41] as Float32Array));
    expect(new Set(vectors.map(hex)).size).toBe(70);
  });

  it('says which windows went in, shortest first, whatever their order', async () => {
    const windows = [4, 0.5, 2].map((windowSec) => ({ windowSec, values: gridBytes(windowSec) }));
    const [shuffled, sorted] = await embedder.embedEach([
      glitchOf(1, windows),
      glitchOf(
        1,
        [...windows].sort((a, b) => a.windowSec - b.windowSec),
      ),
    ]);
    expect(shuffled).toMatchObject({ kind: 'embedding', windowsSec: [0.5, 2, 4] });
    expect(hex(vectorOf(shuffled))).toBe(hex(vectorOf(sorted)));
  });

  it('tells the windows apart', async () => {
    const values = gridBytes(5);
    const [half, four] = await embedder.embedEach([
      glitchOf(1, [{ windowSec: 0.5, values }]),
      glitchOf(1, [{ windowSec: 4, values }]),
    ]);
    expect(hex(vectorOf(half))).not.toBe(hex(vectorOf(four)));
  });

  it('an embedding that is not finite fails alone', async () => {
    const zero = { windowSec: 0.5, values: new Uint8Array(128 * 128) };
    const results = await embedder.embedEach([glitchOf(1), glitchOf(2, [zero]), glitchOf(3)]);
    expect(results.map(codeOf)).toEqual([undefined, 'bad_embedding', undefined]);
    expect(results[1]).toMatchObject({
      error: { message: expect.stringContaining('NaN at element 0') },
    });
    await expect(embedder.embed([glitchOf(2, [zero])])).rejects.toMatchObject({
      code: 'bad_embedding',
      glitchId: glitchOf(2).trigger?.glitchId,
    });
  });

  const good = glitchOf(7);
  const [window] = good.windows;
  it.each<[string, Parameters<typeof Glitch.fromPartial>[0], string]>([
    ['no trigger', { trigger: undefined }, 'expected a trigger'],
    ['no id', { trigger: { ...good.trigger, glitchId: '' } }, 'trigger.glitch_id'],
    ['no windows', { windows: [] }, 'expected 1 to 4, found none'],
    ['a window of 3 s', { windows: [{ ...window, windowSec: 3 }] }, 'windows[0].window_sec'],
    ['a window twice', { windows: [window ?? {}, window ?? {}] }, 'found 0.5 s twice'],
    ['a grid of another size', { windows: [{ ...window, nTime: 64 }] }, 'found 128 x 64'],
    ['an unknown encoding', { windows: [{ ...window, encoding: 0 }] }, 'encoding'],
    [
      'bytes that are no grid',
      { windows: [{ ...window, data: Buffer.from('noise') }] },
      'window of 0.5 s',
    ],
    ['no bytes', { windows: [{ ...window, data: Buffer.alloc(0) }] }, 'window of 0.5 s'],
  ])('refuses a glitch with %s and goes on', async (_, change, words) => {
    const bad = Glitch.fromPartial({ ...good, ...change });
    const results = await embedder.embedEach([glitchOf(1), bad, glitchOf(3)]);
    expect(results.map(codeOf)).toEqual([undefined, 'bad_glitch', undefined]);
    expect(results[1]).toMatchObject({ error: { message: expect.stringContaining(words) } });
  });

  it('gives each of many callers at once its own results', async () => {
    const calls = Array.from({ length: 40 }, (_, c) => [glitchOf(c), glitchOf(c + 100)]);
    const together = await Promise.all(calls.map((glitches) => embedder.embed(glitches)));
    const alone = await embedder.embed(calls.flat());
    expect(together.flat().map(hex)).toEqual(alone.map(hex));
  });

  it('stops waiting on an abort', async () => {
    const abort = new AbortController();
    const glitches = new Array<Glitch>(2000).fill(glitchOf(1));
    const embedding = embedder.embed(glitches, abort.signal);
    abort.abort(new Error('enough'));
    await expect(embedding).rejects.toThrow('enough');
    await expect(embedder.embed([glitchOf(1)])).resolves.toHaveLength(1);
  });

  it('after close refuses work, and closes twice', async () => {
    const other = await open();
    const pending = other.embed(Array.from({ length: 100 }, (_, i) => glitchOf(i)));
    await Promise.all([other.close(), expect(pending).rejects.toMatchObject({ code: 'closed' })]);
    await other.close();
    await expect(other.embed([glitchOf(1)])).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('pictures', () => {
  it('a glitch is the normalised mean of its windows', async () => {
    const embedder = await open({ modelDir: join(fixtures, 'image-network') });
    const windows = [0.5, 1, 4].map((windowSec) => ({
      windowSec,
      values: gridBytes(windowSec * 2),
    }));
    const results = await embedder.embedEach([
      glitchOf(1, windows),
      ...windows.map((w) => glitchOf(1, [w])),
    ]);
    const [all, ...single] = results.map(vectorOf);
    expect(results[0]).toMatchObject({ windowsSec: [0.5, 1, 4] });
    // One-window vectors are normalised, so the mean lies in their span, on the
    // positive side of each; the exact mean is checked in rgb-image.test.ts.
    for (const vector of single) {
      const cosine = vector.reduce((sum, v, i) => sum + v * (all?.[i] ?? 0), 0);
      expect(cosine).toBeGreaterThan(0.5);
      expect(hex(vector)).not.toBe(hex(all as Float32Array));
    }
  });
});

describe('a network that is not what model.json says', () => {
  async function refusal(
    change: Record<string, unknown>,
    modelPath = join(modelDir, 'model.onnx'),
  ): Promise<EmbedderError> {
    const folder = await mkdtemp(join(tmpdir(), 'embedder-'));
    try {
      const description = { ...(await readModelDescription(modelDir)), sha256: null, ...change };
      await writeFile(join(folder, 'model.json'), JSON.stringify(description));
      const embedder = await createEmbedder({ modelDir: folder, modelPath });
      await embedder.close();
    } catch (error) {
      if (error instanceof EmbedderError) return error;
      throw error;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    throw new Error('expected a refusal');
  }

  const input = {
    layout: 'message-grids',
    gridTensor: 'grids',
    maskTensor: 'mask',
    nFrequency: 128,
    nTime: 128,
  };
  it.each([
    [
      'the dimension',
      { output: { name: 'embedding', dimension: 32 } },
      'output "embedding" float32 [batch, 32], found embedding float32 [batch, 16]',
    ],
    ['the output name', { output: { name: 'features', dimension: 16 } }, 'output "features"'],
    [
      'an input name',
      { input: { ...input, gridTensor: 'pictures' } },
      'input "pictures" float32 [batch, 4, 128, 128], found grids float32',
    ],
    ['the grid size', { input: { ...input, nTime: 64 } }, '[batch, 4, 128, 64]'],
    ['the number of windows', { windowsSec: [1, 2] }, '[batch, 2, 128, 128]'],
  ])('%s: says what was expected and what is there', async (_, change, words) => {
    const error = await refusal(change);
    expect(error.code).toBe('model_mismatch');
    expect(error.message).toContain(words);
    expect(error.message).toContain(join(modelDir, 'model.onnx'));
  });

  it('a file that is no network', async () => {
    const error = await refusal({}, join(modelDir, 'model.json'));
    expect(error).toMatchObject({ code: 'model_mismatch' });
    expect(error.message).toContain('onnxruntime');
  });
});

describe('device', () => {
  it('falls back from cuda to the CPU with a reason, and embeds the same', async () => {
    const starts: unknown[] = [];
    const cuda = await open({
      device: 'cuda',
      events: { onWorkerStart: (start) => starts.push(start) },
    });
    const cpu = await open();
    if (cuda.device === 'cuda') return; // A machine that has the device has nothing to fall back from.
    expect(cuda.fallbackReason).toMatch(/cuda/i);
    expect(starts).toEqual([{ device: 'cpu', fallbackReason: cuda.fallbackReason }]);
    expect((await cuda.embed([glitchOf(1)])).map(hex)).toEqual(
      (await cpu.embed([glitchOf(1)])).map(hex),
    );
  });
});
