import { describe, expect, it } from 'vitest';
import { shiftedGlitch } from './shifted.js';
import { createSimulator } from './simulator.js';

describe('shiftedGlitch', () => {
  const glitch = createSimulator({ seed: 1 }).next();

  it('moves columns to the right and wraps them around', () => {
    const moved = shiftedGlitch(glitch, 3).grids[0]!.grid;
    const { nTime, data } = glitch.grids[0]!.grid;
    expect(moved.data[3]).toBe(data[0]);
    expect(moved.data[2]).toBe(data[nTime - 1]);
    expect(moved.data[5 * nTime + 10]).toBe(data[5 * nTime + 7]);
  });

  it('undoes itself and leaves the original alone', () => {
    const before = Uint8Array.from(glitch.grids[3]!.grid.data);
    const back = shiftedGlitch(shiftedGlitch(glitch, 40), -40);
    expect(back.grids.map(({ grid }) => grid.data)).toEqual(
      glitch.grids.map(({ grid }) => grid.data),
    );
    expect(glitch.grids[3]!.grid.data).toEqual(before);
  });
});
