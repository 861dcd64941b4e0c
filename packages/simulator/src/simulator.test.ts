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

  it('draws the n-th glitch without those before it', () => {
    const simulator = createSimulator({ seed: 4 });
    const [, , third] = [simulator.next(), simulator.next(), simulator.next()];
    const again = createSimulator({ seed: 4 }).at(2, { peakGpsNs: third.peakGpsNs });
    expect(digest([again])).toBe(digest([third]));
  });

  it('meets the SNR asked for, from the faintest to the loudest', () => {
    const simulator = createSimulator({ seed: 3 });
    for (const className of ['Blip', 'Whistle', 'Scattered_Light']) {
      for (const snr of [9, 60, 500]) {
        const found = simulator.next({ className, snr }).snr;
        expect(Math.abs(found / snr - 1), `${className} ${snr}: ${found}`).toBeLessThan(0.15);
      }
    }
  });

  it('paints another glitch beside, and all of them higher, when told', () => {
    const simulator = createSimulator({ seed: 3 });
    const overlap = { className: 'Blip', offsetSec: 1, weight: 1 };
    const plain = simulator.at(0, { className: 'Power_Line', snr: 20 });
    const both = simulator.at(0, { className: 'Power_Line', snr: 20, overlap });
    // A quarter of the 4 s window to the right of the middle, between 100 and 300 Hz.
    const energy = ({ grids }: SimulatedGlitch) => {
      const { data } = grids[3]!.grid;
      let sum = 0;
      for (let row = 46; row < 72; row++) {
        for (let column = 92; column < 100; column++) sum += data[row * 128 + column]!;
      }
      return sum;
    };
    expect(energy(both)).toBeGreaterThan(1.5 * energy(plain));
    expect(both.overlap).toEqual(overlap);
    const higher = simulator.at(0, { className: 'Power_Line', snr: 20, octaves: 1 });
    expect(higher.peakFrequencyHz / plain.peakFrequencyHz).toBeCloseTo(2, 1);
  });

  it('darkens the picture of a glitch that spoils its own whitening', () => {
    const simulator = createSimulator({ seed: 2 });
    const floors = Array.from({ length: 12 }, () => {
      const { data } = simulator.next({ className: 'Extremely_Loud' }).grids[3]!.grid;
      return data.slice(0, 128 * 40).reduce((sum, v) => sum + v, 0) / (128 * 40);
    });
    expect(Math.min(...floors)).toBeLessThan(2);
    expect(Math.max(...floors)).toBeGreaterThan(8);
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

/**
 * Energy of 16 bands and 16 time slices in the four windows, squared before the
 * mean: a faint glitch is a few bright cells among many dark ones.
 */
function describeGlitch({ grids }: SimulatedGlitch): number[] {
  const sums = new Array<number>(4 * 32).fill(0);
  grids.forEach(({ grid }, w) => {
    for (let i = 0; i < grid.data.length; i++) {
      const square = (grid.data[i]! / 10) ** 2;
      sums[w * 32 + (i >> 10)]! += square;
      sums[w * 32 + 16 + ((i & 127) >> 3)]! += square;
    }
  });
  return sums.map((sum) => (sum / 1024) ** 0.25);
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
    expect(right / (tries * names.length)).toBeGreaterThan(0.85);
  });
});
