import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createEmbedder } from '../src/embedder.js';
import { bundledModelDir } from '../src/model-file.js';
import { glitchOf, gridBytes, randomNumbers, type WindowSpec } from './glitches.js';

const shared =
  process.env.GLITCHWATCH_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const resnet = join(shared, 'data/models/resnet18-pqf.onnx');

const hex = (vector: Float32Array): string =>
  Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('hex');

interface Case {
  readonly modelDir: string;
  readonly modelPath?: string;
  readonly batchSizes: readonly number[];
  readonly windows?: (seed: number) => readonly WindowSpec[];
}

/**
 * Embeds each glitch alone, then all of them in shuffled batches of each size,
 * and compares the bits at every position.
 */
async function check({ modelDir, modelPath, batchSizes, windows }: Case): Promise<void> {
  const largest = Math.max(...batchSizes);
  const glitches = Array.from({ length: largest }, (_, i) => glitchOf(i, windows?.(i)));
  const sizes: number[] = [];
  const embedder = await createEmbedder({
    modelDir,
    modelPath,
    maxBatchGlitches: largest,
    // What is submitted at once leaves together.
    maxDelayMs: 20,
    events: { onDispatch: (waited) => sizes.push(waited.length) },
  });
  try {
    const alone: string[] = [];
    for (const glitch of glitches) alone.push(...(await embedder.embed([glitch])).map(hex));
    expect(new Set(alone).size).toBe(largest);
    expect(sizes.splice(0)).toEqual(Array(largest).fill(1));

    for (const batchSize of batchSizes) {
      const random = randomNumbers(batchSize);
      const order = Array.from({ length: batchSize }, () => Math.floor(random() * largest));
      const vectors = await embedder.embed(order.map((i) => glitches[i]!));
      expect(vectors.map(hex), `batch of ${batchSize}`).toEqual(order.map((i) => alone[i]));
    }
    expect(sizes).toEqual(batchSizes);
  } finally {
    await embedder.close();
  }
}

const upTo32 = Array.from({ length: 32 }, (_, i) => i + 1);

describe('an embedding does not depend on the batch it travels in, bit for bit', () => {
  it('in a network that would show it', async () => {
    const modelDir = fileURLToPath(new URL('./fixtures/grids-network', import.meta.url));
    await check({ modelDir, batchSizes: upTo32 });
  }, 60_000);

  const bundled = bundledModelDir();
  it.skipIf(!existsSync(join(bundled, 'model.onnx')))(
    `in the bundled network (skipped where ${bundled} has no model.onnx)`,
    async () => {
      // Some glitches lack windows, as real ones do.
      const windows = (seed: number): WindowSpec[] =>
        [0.5, 1, 2, 4]
          .filter((_, w) => seed % 3 === 0 || w !== seed % 4)
          .map((windowSec, w) => ({ windowSec, values: gridBytes(seed * 4 + w) }));
      await check({ modelDir: bundled, batchSizes: upTo32, windows });
    },
    60_000,
  );

  it.skipIf(!existsSync(resnet))(
    `in a ResNet-18 (skipped: reference data not found at ${resnet})`,
    async () => {
      const windows = (seed: number): WindowSpec[] => [{ windowSec: 1, values: gridBytes(seed) }];
      const modelDir = bundledModelDir('resnet18-imagenet');
      await check({ modelDir, modelPath: resnet, batchSizes: [2, 3, 5], windows });
    },
    60_000,
  );
});
