import { adjustedRand, fitHdbscan, fitUmapInParallel, type Matrix } from '@glitchwatch/numerics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Blobs } from '../test/blobs.js';
import { defaultFitParams, defaultMinClusterSize, defaultMinSamples } from './fit-params.js';
import { mapFamilies, mostAgreed } from './map-families.js';
import { toUnitVector } from './unit-vector.js';

const DIMENSION = 16;
const params = { ...defaultFitParams, nEpochs: 40 };

/** Blobs so wide that they run into each other: their maps differ from seed to seed. */
function points(rows: number): Matrix {
  const blobs = new Blobs({ seed: 8, dimension: DIMENSION, spread: 1 });
  const data = new Float32Array(rows * DIMENSION);
  for (let row = 0; row < rows; row++)
    data.set(toUnitVector(blobs.draw(row % 6), String(row)), row * DIMENSION);
  return { rows, cols: DIMENSION, data };
}

function optionsFor(rows: number) {
  return {
    params,
    previousLayout: new Float32Array(2 * rows).fill(Number.NaN),
    knnWidth: 16,
  };
}

describe('mostAgreed', () => {
  it('is none that stands alone', () => {
    const parted = [0, 0, 0, 1, 1, 1, 2, 2, 2];
    const joined = [0, 0, 0, 0, 0, 0, 1, 1, 1];
    const nearly = [0, 0, 0, 1, 1, 1, 2, 2, -1];
    expect(mostAgreed([joined, nearly, parted, parted])).toBe(2);
  });

  it('does not look at the numbers of clusters, only at who is with whom', () => {
    const labels = fc.array(fc.integer({ min: -1, max: 3 }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(labels, { minLength: 1, maxLength: 5 }), (labellings) => {
        const renamed = labellings.map((one, i) => one.map((label) => 7 * i - label));
        expect(mostAgreed(renamed)).toBe(mostAgreed(labellings));
      }),
    );
  });

  it('is the first of equals', () => {
    expect(mostAgreed([[0, 1, 1]])).toBe(0);
    expect(
      mostAgreed([
        [0, 0, 1],
        [1, 1, 0],
      ]),
    ).toBe(0);
  });
});

describe('mapFamilies', () => {
  it('of few is the map of five seeds whose families agree best', async () => {
    const few = points(120);
    const chosen = await mapFamilies(few, optionsFor(120));
    const maps = await Promise.all([42, 43, 44, 45, 46].map((seed) => plainMap(few, seed)));
    const agreement = maps.map(({ labels }) =>
      maps.reduce((sum, other) => sum + adjustedRand(other.labels, labels), 0),
    );
    // Else there is nothing to choose among.
    expect(new Set(agreement).size).toBeGreaterThan(1);
    const best = maps[agreement.indexOf(Math.max(...agreement))]!;
    expect(chosen.umap.params.randomState).toBe(best.seed);
    expect(chosen.hdbscan.labels).toEqual(best.labels);
    expect(chosen.umap.embedding).toEqual(best.embedding);
  });

  it('of few that had a map goes on from that one', async () => {
    const few = points(120);
    const { umap } = await mapFamilies(few, optionsFor(120));
    const again = await mapFamilies(few, { ...optionsFor(120), previousLayout: umap.embedding });
    expect(again.umap.params.randomState).toBe(42);
  });

  it('of more is the map of one seed', async () => {
    const { umap } = await mapFamilies(points(300), optionsFor(300));
    expect(umap.params.randomState).toBe(42);
  });
});

async function plainMap(of: Matrix, seed: number) {
  const options = { metric: 'cosine', minDist: 0, nEpochs: 40, randomState: seed } as const;
  const { embedding } = await fitUmapInParallel(of, { ...options, nNeighbors: 15 });
  const onMap = { rows: of.rows, cols: 2, data: embedding };
  const { labels } = fitHdbscan(onMap, {
    minClusterSize: defaultMinClusterSize(of.rows),
    minSamples: defaultMinSamples(of.rows),
  });
  return { seed, embedding, labels };
}
