import { fitHdbscan } from '@glitchwatch/numerics';
import { describe, expect, it } from 'vitest';
import { threeKinds } from '../../test/three-kinds.js';
import { clusterInThread } from './cluster-in-thread.js';

const options = {
  minClusterSize: 5,
  clusterSelectionMethod: 'eom',
  clusterSelectionEpsilon: 0,
  allowSingleCluster: false,
} as const;
const { signal } = new AbortController();

const points = (rows: number, cols: number) => ({
  rows,
  cols,
  data: Float64Array.from(threeKinds(rows, cols)),
});

describe('clusterInThread', () => {
  it('gives what fitHdbscan gives, and the stages in order', async () => {
    const few = points(90, 2);
    const { labels, probabilities, outlierScores, condensedTree } = fitHdbscan(few, options);
    const stages = new Set<string>();
    const clustering = await clusterInThread(few, options, {
      signal,
      onProgress: ({ stage }) => stages.add(stage),
    });
    expect(clustering).toEqual({ labels, probabilities, outlierScores, condensedTree });
    expect([...stages]).toEqual(['core-distances', 'spanning-tree', 'hierarchy', 'selection']);
  });

  it('ends at once when told to', async () => {
    const ending = new AbortController();
    // All pairs would take longer by far than a test may.
    const clustering = clusterInThread(points(60_000, 9), options, {
      signal: ending.signal,
      onProgress: () => ending.abort(new Error('enough')),
    });
    await expect(clustering).rejects.toThrow('enough');
  });

  it('names what is wrong with the points', async () => {
    const far = { rows: 3, cols: 1, data: Float64Array.of(0, 1, 1e300) };
    await expect(clusterInThread(far, options, { signal })).rejects.toMatchObject({
      code: 'not_finite',
      message: expect.stringContaining('as wide as 1e+300'),
    });
  });
});
