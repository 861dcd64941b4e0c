import { describe, expect, it } from 'vitest';
import { type Burst, detectorStrain } from '../../test/strain.js';
import { createStrainScanner } from './strain-scanner.js';

const RATE = 4096;
const scanner = createStrainScanner(RATE);

function blockOf(bursts: readonly Burst[], { seed = 1, seconds = 32, scale = 1 } = {}) {
  const strain = detectorStrain(seconds * RATE, seed, bursts, RATE);
  return scanner.whiten(strain.map((value) => value * scale));
}

const burst = { timeSec: 15.3, frequencyHz: 180, q: 10, snr: 20 };

describe('createStrainScanner', () => {
  it('whitens coloured noise to unit variance at every frequency', () => {
    const { samples } = blockOf([]);
    const clean = samples.subarray(RATE, 31 * RATE);
    const power = clean.reduce((sum, v) => sum + v * v, 0) / clean.length;
    const slope = clean.reduce((sum, v, i) => (i === 0 ? 0 : sum + v * clean[i - 1]!), 0);
    expect(power).toBeGreaterThan(0.93);
    expect(power).toBeLessThan(1.07);
    expect(Math.abs(slope / clean.length)).toBeLessThan(0.05);
  });

  it('moves the peak by as much as the strain is moved', () => {
    const strain = detectorStrain(40 * RATE, 3, [burst], RATE);
    // By a whole number of the widest tiles of its row, so that the tiles fall on the same samples.
    const shift = 2.5 * RATE;
    const first = scanner.whiten(strain.slice(shift, shift + 32 * RATE));
    const second = scanner.whiten(strain.slice(0, 32 * RATE));
    const a = scanner.scan(first, burst.timeSec - 2.5).peak;
    const b = scanner.scan(second, burst.timeSec).peak;
    expect(b.timeSec - a.timeSec).toBeCloseTo(2.5, 9);
    expect(b.frequencyHz).toBe(a.frequencyHz);
    expect(b.snr / a.snr).toBeCloseTo(1, 1);
  });

  it('sees the same whatever the size of the strain', () => {
    const a = scanner.scan(blockOf([burst]), burst.timeSec);
    // The scanner owns its buffers: what is compared is copied.
    const energies = Float32Array.from(a.plane.energies);
    const b = scanner.scan(blockOf([burst], { scale: 2 ** -30 }), burst.timeSec);
    expect(b.plane.energies.every((energy, i) => energy === energies[i])).toBe(true);
    expect(b.peak).toEqual(a.peak);
  });

  it('leaves out windows that reach beyond the whitened part', () => {
    const near = { ...burst, timeSec: 1.9 };
    const scan = scanner.scan(blockOf([near]), near.timeSec);
    expect(scan.grids.map(({ windowSec }) => windowSec)).toEqual([0.5, 1]);
    expect(scan.leftOutSec).toEqual([2, 4]);
    expect(Math.abs(scan.peak.timeSec - near.timeSec)).toBeLessThan(0.01);
  });

  it('draws a figure finer than a message', () => {
    const fine = createStrainScanner(RATE, { gridShape: { nFrequency: 480, nTime: 574 } });
    const { grids } = fine.scan(blockOf([burst]), burst.timeSec, [1]);
    expect(grids.map(({ windowSec, grid }) => [windowSec, grid.nFrequency, grid.nTime])).toEqual([
      [1, 480, 574],
    ]);
  });

  it.each([
    ['a time outside', () => scanner.scan(blockOf([]), 40)],
    ['a short stretch', () => scanner.whiten(new Float64Array(11 * RATE).fill(1))],
    ['silence', () => scanner.whiten(new Float64Array(16 * RATE))],
    ['not-a-number', () => scanner.whiten(new Float64Array(16 * RATE).fill(Number.NaN))],
    ['an odd sample rate', () => createStrainScanner(20_000)],
    ['a low sample rate', () => createStrainScanner(512)],
  ])('refuses %s', (_, work) => {
    expect(work).toThrow(expect.objectContaining({ code: 'bad_scan' }));
  });
});

describe('search', () => {
  it('finds every transient where it is, and nothing else', () => {
    const bursts = [
      { timeSec: 6.2, frequencyHz: 40, q: 8, snr: 14 },
      { timeSec: 15.3, frequencyHz: 180, q: 10, snr: 20 },
      { timeSec: 22.7, frequencyHz: 700, q: 30, snr: 12 },
    ];
    const found = scanner.search(blockOf(bursts), { fromSec: 0, toSec: 32, minSnr: 7 });
    expect(found.length).toBe(3);
    bursts.forEach((wanted, i) => {
      const { timeSec, frequencyHz, snr, startSec, endSec, lowHz, highHz } = found[i]!;
      const tau = wanted.q / (Math.SQRT2 * Math.PI * wanted.frequencyHz);
      expect(Math.abs(timeSec - wanted.timeSec)).toBeLessThan(Math.max(tau, 0.004));
      expect(Math.abs(Math.log2(frequencyHz / wanted.frequencyHz))).toBeLessThan(0.2);
      expect(Math.abs(snr / wanted.snr - 1)).toBeLessThan(0.25);
      expect(startSec).toBeLessThan(timeSec);
      expect(endSec).toBeGreaterThan(timeSec);
      expect(lowHz).toBeLessThan(frequencyHz);
      expect(highHz).toBeGreaterThan(frequencyHz);
    });
  });

  it('finds nothing in noise', () => {
    const found = [1, 2, 3, 4].flatMap((seed) =>
      scanner.search(blockOf([], { seed }), { fromSec: 0, toSec: 32, minSnr: 6.5 }),
    );
    expect(found).toEqual([]);
  });

  it('gives a transient to one of two neighbouring parts', () => {
    const block = blockOf([burst]);
    const parts = [
      [0, 15.3],
      [15.3, 32],
    ].map(([fromSec, toSec]) =>
      scanner.search(block, { fromSec: fromSec!, toSec: toSec!, minSnr: 7 }),
    );
    expect(parts.flat().length).toBe(1);
  });

  it('measures a row by the whole block: a long glitch does not hide itself', () => {
    // Fills 5 of the 8 s that one transform sees.
    const long = Array.from({ length: 20 }, (_, i) => ({
      timeSec: 12 + i * 0.25,
      frequencyHz: 60,
      q: 40,
      snr: 10,
    }));
    const block = blockOf(long, { seconds: 64 });
    const [found] = scanner.search(block, { fromSec: 0, toSec: 64, minSnr: 7 });
    const alone = scanner.scan(block, found!.timeSec).peak;
    expect(found!.snr).toBeGreaterThan(1.5 * alone.snr);
    expect(found!.endSec - found!.startSec).toBeGreaterThan(3);
  });
});
