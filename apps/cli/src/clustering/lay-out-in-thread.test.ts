import { fitUmapInParallel } from '@glitchwatch/numerics';
import { describe, expect, it } from 'vitest';
import { threeKinds } from '../../test/three-kinds.js';
import { layOutInThread } from './lay-out-in-thread.js';

const { signal } = new AbortController();

const points = (rows: number, cols: number) => ({
  rows,
  cols,
  data: Float32Array.from(threeKinds(rows, cols)),
});

describe('layOutInThread', () => {
  for (const [rows, metric] of [
    [120, 'euclidean'],
    [4_200, 'cosine'],
  ] as const)
    it(`gives what fitUmapInParallel gives for ${rows} rows, ${metric}`, async () => {
      const options = { metric, nEpochs: 20 };
      const expected = await fitUmapInParallel(points(rows, 8), options);
      const stages: string[] = [];
      const layout = await layOutInThread(points(rows, 8), options, {
        signal,
        onProgress: ({ stage }) => stages.push(stage),
      });
      expect(layout.embedding).toEqual(expected.embedding);
      expect(stages).toContain('optimize');
    });

  it('ends at once when told to, also where one thread does it all', async () => {
    const ending = new AbortController();
    // Takes longer by far than a test may.
    const options = { metric: 'euclidean', nEpochs: 1_000_000 } as const;
    const layout = layOutInThread(points(4_000, 9), options, {
      signal: ending.signal,
      onProgress: () => ending.abort(new Error('enough')),
    });
    await expect(layout).rejects.toThrow('enough');
  });

  it('names what is wrong with the points', async () => {
    const bad = { rows: 3, cols: 1, data: Float32Array.of(0, Number.NaN, 1) };
    await expect(layOutInThread(bad, {}, { signal })).rejects.toMatchObject({
      code: 'not_finite',
      message: expect.stringContaining('row 1'),
    });
  });
});
