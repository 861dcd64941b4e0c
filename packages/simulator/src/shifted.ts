import type { SimulatedGlitch } from './simulator.js';

/**
 * The same glitch moved in time by whole columns of its grids, wrapped around:
 * another of its kind for the price of a copy, where thousands are wanted soon.
 */
export function shiftedGlitch(glitch: SimulatedGlitch, columns: number): SimulatedGlitch {
  const grids = glitch.grids.map(({ windowSec, grid }) => {
    const { nFrequency, nTime } = grid;
    const turn = ((columns % nTime) + nTime) % nTime;
    const data = new Uint8Array(grid.data.length);
    for (let start = 0; start < data.length; start += nTime) {
      const row = grid.data.subarray(start, start + nTime);
      data.set(row.subarray(0, nTime - turn), start + turn);
      data.set(row.subarray(nTime - turn), start);
    }
    return { windowSec, grid: { ...grid, nFrequency, nTime, data } };
  });
  return { ...glitch, grids };
}
