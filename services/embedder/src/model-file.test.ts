import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbedderError, type EmbedderErrorCode } from './errors.js';
import { bundledModelDir, loadModel, readModelDescription } from './model-file.js';

const fixture = fileURLToPath(new URL('../test/fixtures/grids-network', import.meta.url));
let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'model-file-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** The fixture's description with some fields changed, in `dir`. */
async function describeModel(change: Record<string, unknown>): Promise<void> {
  const description = { ...(await readModelDescription(fixture)), ...change };
  await writeFile(join(dir, 'model.json'), JSON.stringify(description));
}

async function expectError(code: EmbedderErrorCode, ...words: string[]): Promise<void> {
  const error: unknown = await loadModel({ modelDir: dir }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(EmbedderError);
  expect((error as EmbedderError).code).toBe(code);
  for (const word of words) expect((error as EmbedderError).message).toContain(word);
}

describe('loadModel', () => {
  it('loads a network whose checksum fits', async () => {
    const model = await loadModel({ modelDir: fixture });
    expect(model.description.output.dimension).toBe(16);
    expect(model.sha256).toBe(model.description.sha256);
    expect(model.checksumKnown).toBe(true);
  });

  it('names a folder without model.json', () =>
    expectError('model_not_found', join(dir, 'model.json')));

  it('names a network that is not there', async () => {
    await describeModel({});
    await expectError('model_not_found', join(dir, 'model.onnx'));
  });

  it('names both checksums when they differ', async () => {
    await describeModel({});
    await writeFile(join(dir, 'model.onnx'), 'something else');
    const { sha256 } = await readModelDescription(fixture);
    await expectError('checksum_mismatch', `expected SHA-256 ${sha256}`, 'found ');
  });

  it('asks for a path where the network does not come along', async () => {
    await describeModel({ file: null, sha256: null });
    await expectError('model_not_found', 'modelPath');
  });

  it('takes a network by path, known or not', async () => {
    const modelPath = join(fixture, 'model.onnx');
    const { sha256 } = await readModelDescription(fixture);
    await describeModel({ file: null, sha256: null, knownSha256: [sha256] });
    expect((await loadModel({ modelDir: dir, modelPath })).checksumKnown).toBe(true);
    await describeModel({ file: null, sha256: null, knownSha256: [] });
    expect((await loadModel({ modelDir: dir, modelPath })).checksumKnown).toBe(false);
  });

  it.each([
    ['no JSON at all', '{', 'JSON'],
    ['a missing field', '{}', 'output'],
  ])('refuses %s', async (_, text, word) => {
    await writeFile(join(dir, 'model.json'), text);
    await expectError('bad_model_file', join(dir, 'model.json'), word);
  });

  it.each([
    ['a dimension above 2048', { output: { name: 'e', dimension: 4096 } }, '2048'],
    ['a file in another folder', { file: '../model.onnx' }, 'beside model.json'],
    ['an unknown field', { colour: 'red' }, 'colour'],
    [
      'three means for one channel',
      { normalisation: { divideBy: 255, mean: [0, 0, 0], std: [1] } },
      'normalisation.mean',
    ],
    ['windows out of order', { windowsSec: [1, 0.5] }, 'windowsSec'],
    ['rules that the layout does not have', { fuse: 'mean' }, 'missingWindows'],
  ])('refuses %s', async (_, change, word) => {
    await describeModel(change);
    await expectError('bad_model_file', word);
  });
});

describe('the models that come along', () => {
  it.each(['glitchnet-v1', 'resnet18-imagenet'])('%s has a sound model.json', async (name) => {
    expect((await readModelDescription(bundledModelDir(name))).name).toBe(name);
  });
});
