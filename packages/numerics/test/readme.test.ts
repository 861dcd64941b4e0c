import { expect, it } from 'vitest';
import {
  approximatePredict,
  createMatrix,
  createRng,
  fitHdbscan,
  fitUmap,
  transformUmap,
} from '../src/index.js';

it('does what the README shows', () => {
  const rows = 120;
  const rng = createRng(1);
  const at = (i: number, c: number) => rng.nextNormal() * 0.2 + (c % 3 === i % 3 ? 1 : 0);
  const data = Float32Array.from({ length: rows * 512 }, (_, p) =>
    at(Math.floor(p / 512), p % 512),
  );
  const newEmbedding = Float32Array.from({ length: 512 }, (_, c) => at(2, c));

  const embeddings = createMatrix(rows, 512, data);
  const map = fitUmap(embeddings, { metric: 'cosine', nNeighbors: 15, randomState: 42 });
  const layout = createMatrix(rows, 2, map.embedding);
  const families = fitHdbscan(layout, { minClusterSize: 15 });
  const place = transformUmap(map, createMatrix(1, 512, newEmbedding));
  const { labels, probabilities } = approximatePredict(families, createMatrix(1, 2, place));

  expect(new Set(families.labels).size).toBe(3);
  expect(labels[0]).toBe(families.labels[2]);
  expect(probabilities[0]).toBeGreaterThan(0);
});
