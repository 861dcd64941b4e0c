import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../fixtures/cli-process.js';
import { simulatePictures } from '../fixtures/picture-folder.js';

const total = 24;
let dir: string;
let images: string;
let labels: string;

const finetune = (out: string, table = labels) =>
  runCli([
    ...['finetune', '--images', images, '--labels', table, '--out', join(dir, out), '--json'],
    ...['--steps', '5', '--folds', '2'],
  ]);

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'glitchwatch-finetune-'));
  images = join(dir, 'images');
  await simulatePictures(images, { count: total, seed: 4, classes: 'Blip,Whistle' });
  labels = join(images, 'metadata.csv');
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe('finetune', () => {
  it('writes a model that embed takes, and says what it gains', async () => {
    const { code, stdout, stderr } = await finetune('a');
    expect(code, stderr).toBe(0);
    const result = JSON.parse(stdout) as Record<string, unknown>;
    expect(result).toMatchObject({ glitches: total, folds: 2, base: 'glitchnet-v1 2.2.0' });
    for (const scores of [result.before, result.after]) {
      expect(scores).toMatchObject({
        accuracy: expect.any(Number),
        meanAveragePrecision: expect.any(Number),
      });
    }
    const model = JSON.parse(await readFile(join(dir, 'a/model.json'), 'utf8')) as {
      readonly head: { readonly sha256: string };
    };
    const embed = () =>
      runCli([
        ...['embed', '--images', images, '--json', '--out', join(dir, 'e.npy')],
        ...['--model', join(dir, 'a')],
      ]);
    const embedded = JSON.parse((await embed()).stdout) as unknown;
    expect(embedded).toMatchObject({ embedder: 'glitchnet-v1-finetuned', glitches: total });

    await writeFile(join(dir, 'a/head.f32'), 'damaged');
    const damaged = await embed();
    expect(damaged.code).toBe(1);
    expect(damaged.stderr).toContain(`expected SHA-256 ${model.head.sha256}`);
  });

  it('refuses too few labels, and says how many it wants and what it found', async () => {
    const few = join(dir, 'few.csv');
    const rows = (await readFile(labels, 'utf8')).split('\n');
    await writeFile(few, rows.slice(0, 6).join('\n'));
    const { code, stderr } = await finetune('c', few);
    expect(code).toBe(1);
    expect(stderr).toMatch(/expected at least 20 labelled glitches .* found 5 \(/);
  });
});
