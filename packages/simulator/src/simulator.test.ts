import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { demoClasses, noveltyClass, simulatorClasses } from './classes/index.js';
import { createSimulator, type SimulatedGlitch, type SimulatorOptions } from './simulator.js';

function digest(glitches: readonly SimulatedGlitch[]): string {
  const hash = createHash('sha256');
  for (const { grids, ...rest } of glitches) {
    hash.update(JSON.stringify({ ...rest, peakGpsNs: rest.peakGpsNs.toString() }));
    for (const { grid } of grids) {
      hash.update(grid.data);
    }
  }
  return hash.digest('hex');
}

function take(n: number, options: SimulatorOptions): SimulatedGlitch[] {
  const simulator = createSimulator(options);
  return Array.from({ length: n }, () => simulator.next());
}

describe('createSimulator', () => {
  it('gives the same bytes for the same seed and others for another', () => {
    const first = digest(take(5, { seed: 11 }));
    expect(digest(take(5, { seed: 11 }))).toBe(first);
    expect(digest(take(5, { seed: 12 }))).not.toBe(first);
  });

  it('gives four message grids, rising GPS times and a search pipeline’s columns', () => {
    const glitches = take(6, { seed: 2, classes: ['Blip', 'Power_Line'], ratePerSec: 10 });
    let before = 1_400_000_000_000_000_000n;
    for (const glitch of glitches) {
      expect(glitch.grids.map((g) => g.windowSec)).toEqual([0.5, 1, 2, 4]);
      for (const { grid } of glitch.grids) {
        expect([grid.nFrequency, grid.nTime, grid.data.length]).toEqual([128, 128, 128 * 128]);
      }
      expect(glitch.peakGpsNs).toBeGreaterThan(before);
      before = glitch.peakGpsNs;
      expect(['H1', 'L1']).toContain(glitch.ifo);
      expect(glitch.snr).toBeGreaterThanOrEqual(7.5);
      expect(glitch.durationSec).toBeGreaterThan(0);
      expect(glitch.bandwidthHz).toBeGreaterThan(0);
    }
    // Ten a second on average: 6 events take well under 6 s.
    expect(before - 1_400_000_000_000_000_000n).toBeLessThan(6_000_000_000n);
  });

  it('lets the caller decide class, detector and time without moving the rest of the stream', () => {
    const free = createSimulator({ seed: 4, classes: ['Blip'] });
    const paced = createSimulator({ seed: 4, classes: ['Blip'] });
    const glitch = paced.next({ className: 'Blip', ifo: 'V1', peakGpsNs: 5n });
    expect([glitch.className, glitch.ifo, glitch.peakGpsNs]).toEqual(['Blip', 'V1', 5n]);
    expect(glitch.snr).toBe(free.next().snr);
    expect(digest([paced.next()])).toBe(digest([free.next()]));
  });

  it('refuses an unknown class and a bad rate', () => {
    expect(() => createSimulator({ seed: 1, classes: ['Koi'] })).toThrow(
      expect.objectContaining({ code: 'unknown_class', message: expect.stringContaining('Koi') }),
    );
    expect(() => createSimulator({ seed: 1, ratePerSec: 0 })).toThrow(
      expect.objectContaining({ code: 'bad_option' }),
    );
    expect(() => createSimulator({ seed: 1 }).next({ className: 'x' })).toThrow(/x/);
  });

  it('puts a louder glitch in with more energy', () => {
    const glitches = take(12, { seed: 6, classes: ['Blip', 'Koi_Fish'] });
    for (const glitch of glitches) {
      // The widest Q plane holds most of a pulse's energy, never much more.
      expect(glitch.snr / glitch.injectedSnr).toBeGreaterThan(0.45);
      expect(glitch.snr).toBeLessThan(1.1 * glitch.injectedSnr + 3);
    }
  });
});

/** Mean root energy of 16 bands in the four windows, and of 16 time slices. */
function describeGlitch({ grids }: SimulatedGlitch): number[] {
  const sums = new Array<number>(4 * 32).fill(0);
  grids.forEach(({ grid }, w) => {
    for (let i = 0; i < grid.data.length; i++) {
      const root = Math.sqrt(grid.data[i]! / 10);
      sums[w * 32 + (i >> 10)]! += root;
      sums[w * 32 + 16 + ((i & 127) >> 3)]! += root;
    }
  });
  return sums.map((sum) => sum / 1024);
}

const distance = (a: readonly number[], b: readonly number[]) =>
  Math.sqrt(a.reduce((sum, v, i) => sum + (v - b[i]!) ** 2, 0));

describe('classes', () => {
  it('names at least 22 kinds, none of them the new one', () => {
    expect(simulatorClasses.length).toBeGreaterThanOrEqual(22);
    expect(new Set(simulatorClasses).size).toBe(simulatorClasses.length);
    expect(simulatorClasses).not.toContain(noveltyClass);
    expect(simulatorClasses).toEqual(expect.arrayContaining([...demoClasses]));
  });

  it('every kind but No_Glitch can be seen, each in its own way', { timeout: 120_000 }, () => {
    const simulator = createSimulator({ seed: 8 });
    const means = [...simulatorClasses, noveltyClass].map((className) => {
      const glitches = [1, 2, 3].map(() => simulator.next({ className }));
      if (className !== 'No_Glitch') {
        const bright = Math.max(
          ...glitches.flatMap((g) => g.grids.map((x) => Math.max(...x.grid.data))),
        );
        expect(bright, className).toBeGreaterThan(120);
      }
      const rows = glitches.map(describeGlitch);
      return rows[0]!.map((_, i) => (rows[0]![i]! + rows[1]![i]! + rows[2]![i]!) / 3);
    });
    for (let a = 0; a < means.length; a++) {
      for (let b = 0; b < a; b++) {
        expect(distance(means[a]!, means[b]!)).toBeGreaterThan(0.1);
      }
    }
  });

  it('the demo’s kinds and the new one lie apart', { timeout: 120_000 }, () => {
    const simulator = createSimulator({ seed: 9 });
    const names = [...demoClasses, noveltyClass];
    const known = names.flatMap((className) =>
      Array.from({ length: 6 }, () => ({
        className,
        at: describeGlitch(simulator.next({ className })),
      })),
    );
    let right = 0;
    const tries = 3;
    for (const className of names) {
      for (let i = 0; i < tries; i++) {
        const at = describeGlitch(simulator.next({ className }));
        const nearest = known.reduce((best, k) =>
          distance(k.at, at) < distance(best.at, at) ? k : best,
        );
        right += nearest.className === className ? 1 : 0;
      }
    }
    expect(right / (tries * names.length)).toBeGreaterThan(0.8);
  });
});
