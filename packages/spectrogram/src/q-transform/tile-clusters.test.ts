import { describe, expect, it } from 'vitest';
import { clusterTiles, withoutNeighbours } from './tile-clusters.js';

const tile = (timeSec: number, frequencyHz: number, energy: number, q = 8) => ({
  timeSec,
  frequencyHz,
  q,
  energy,
});

describe('clusterTiles', () => {
  it('joins what touches in time and frequency and is told by its loudest tile', () => {
    const clusters = clusterTiles([
      tile(1, 100, 60),
      tile(1.05, 120, 90),
      tile(1.12, 140, 50),
      // Half a second later, and two octaves above.
      tile(1.6, 100, 40),
      tile(1.05, 600, 45),
    ]);
    expect(
      clusters.map(({ timeSec, frequencyHz, nTiles }) => [timeSec, frequencyHz, nTiles]),
    ).toEqual([
      [1.05, 120, 3],
      [1.05, 600, 1],
      [1.6, 100, 1],
    ]);
    const [first] = clusters;
    expect(first!.startSec).toBeLessThan(1);
    expect(first!.endSec).toBeGreaterThan(1.12);
    expect(first!.lowHz).toBeLessThan(100);
    expect(first!.highHz).toBeGreaterThan(140);
  });

  it('does not depend on the order of the tiles', () => {
    const tiles = [tile(3, 50, 44), tile(3.2, 55, 70), tile(3.4, 60, 50), tile(9, 700, 80)];
    expect(clusterTiles([...tiles].reverse())).toEqual(clusterTiles(tiles));
  });

  it('takes times before the block and none at all', () => {
    expect(clusterTiles([])).toEqual([]);
    expect(clusterTiles([tile(-0.4, 12, 50)])[0]).toMatchObject({ timeSec: -0.4, nTiles: 1 });
  });
});

describe('withoutNeighbours', () => {
  it('keeps the louder of two that would share a picture', () => {
    const clusters = clusterTiles([tile(2, 600, 45), tile(2.2, 40, 90), tile(2.5, 600, 45)]);
    expect(withoutNeighbours(clusters, 0.25).map(({ timeSec }) => timeSec)).toEqual([2.2, 2.5]);
  });
});
