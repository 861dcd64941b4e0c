import { describe, expect, it } from 'vitest';
import { noise } from '../../test/strain.js';
import { createQScanner } from './scanner.js';

const RATE_HZ = 8192;

interface Injection {
  readonly timeSec: number;
  readonly frequencyHz: number;
  readonly q: number;
  readonly snr: number;
}

function inject(strain: Float64Array, { timeSec, frequencyHz, q, snr }: Injection): void {
  const tau = q / (Math.SQRT2 * Math.PI * frequencyHz);
  const wave = strain.map((_, i) => {
    const t = i / RATE_HZ - timeSec;
    return Math.exp(-((t / tau) ** 2)) * Math.sin(2 * Math.PI * frequencyHz * t);
  });
  const norm = Math.sqrt(wave.reduce((sum, v) => sum + v * v, 0));
  for (let i = 0; i < strain.length; i++) {
    strain[i] = strain[i]! + (snr * wave[i]!) / norm;
  }
}

const scanner = createQScanner({ sampleRateHz: RATE_HZ, durationSec: 4 });

describe('createQScanner', () => {
  it('with the medians of white noise sees a line as long as the data, and noise as noise', () => {
    const line = noise(4 * RATE_HZ, 4).map(
      (v, i) => v + 0.5 * Math.sin((2 * Math.PI * 200 * i) / RATE_HZ),
    );
    const own = scanner.scan(line).peak;
    const white = scanner.scan(line, { medians: 'of white noise' }).peak;
    expect(white.energy).toBeGreaterThan(5 * own.energy);
    expect(white.frequencyHz).toBeGreaterThan(190);
    expect(white.frequencyHz).toBeLessThan(210);

    const plain = noise(4 * RATE_HZ, 5);
    const ratio =
      scanner.scan(plain, { medians: 'of white noise' }).peak.energy /
      scanner.scan(plain).peak.energy;
    expect(ratio).toBeGreaterThan(0.6);
    expect(ratio).toBeLessThan(1.6);
  });

  it('draws a quieter plane when asked, and reports the loudest all the same', () => {
    const strain = noise(4 * RATE_HZ, 6);
    inject(strain, { timeSec: 2, frequencyHz: 250, q: 40, snr: 25 });
    const loudest = scanner.scan(strain);
    const second = scanner.scan(strain, { planeRank: 1 });
    const last = scanner.scan(strain, { planeRank: 99 });
    expect(second.peak).toEqual(loudest.peak);
    expect(second.grids[0]!.grid.data).not.toEqual(loudest.grids[0]!.grid.data);
    expect(last.grids[0]!.grid.data).not.toEqual(second.grids[0]!.grid.data);
  });

  it.each([
    { timeSec: 2.03, frequencyHz: 40, q: 6, snr: 25 },
    { timeSec: 1.9, frequencyHz: 250, q: 12, snr: 20 },
    { timeSec: 2.1, frequencyHz: 1200, q: 40, snr: 30 },
  ])('finds a sine-Gaussian of $frequencyHz Hz where it is', (injection) => {
    const strain = noise(4 * RATE_HZ, 1);
    inject(strain, injection);
    const { peak, grids } = scanner.scan(strain);
    const tau = injection.q / (Math.SQRT2 * Math.PI * injection.frequencyHz);
    expect(Math.abs(peak.timeSec - injection.timeSec)).toBeLessThan(Math.max(tau, 0.004));
    expect(Math.abs(Math.log2(peak.frequencyHz / injection.frequencyHz))).toBeLessThan(0.2);
    expect(Math.abs(peak.snr - injection.snr)).toBeLessThan(4.5);

    // Where a column is no longer than the wave, the brightest spot is in the
    // middle column and the right row.
    expect(grids.map((g) => g.windowSec)).toEqual([0.5, 1, 2, 4]);
    const row = 128 * (Math.log(2048 / injection.frequencyHz) / Math.log(204.8));
    for (const { grid } of grids.filter((g) => g.windowSec / 128 < 1.5 * tau)) {
      const { energy, rowMean, columnMean } = brightSpot(grid.data);
      expect(energy).toBeGreaterThan(100);
      expect(Math.abs(rowMean - row)).toBeLessThan(6);
      expect(Math.abs(columnMean - 63.5)).toBeLessThan(4);
    }
  });

  it.each([10, 20, 40])('measures a matched SNR of %i', (snr) => {
    const seeds = [3, 13, 23, 33, 43, 53];
    const found = seeds.map((seed) => {
      const strain = noise(4 * RATE_HZ, seed);
      inject(strain, { timeSec: 2, frequencyHz: 118, q: 11.3, snr });
      return scanner.scan(strain).peak.snr;
    });
    const mean = found.reduce((sum, v) => sum + v, 0) / found.length;
    expect(Math.abs(mean / snr - 1)).toBeLessThan(0.08);
  });

  it('gives noise a median near 1 and never fills the grid', () => {
    const { peak, grids } = scanner.scan(noise(4 * RATE_HZ, 5));
    expect(peak.snr).toBeLessThan(7);
    for (const { grid } of grids) {
      const mean = grid.data.reduce((sum, v) => sum + v, 0) / grid.data.length / 10;
      // Exponential noise of median 1 has the mean 1 / ln 2 = 1.44.
      expect(mean).toBeGreaterThan(1.2);
      expect(mean).toBeLessThan(1.75);
    }
  });

  it('does not depend on the scale of the strain or on what was scanned before', () => {
    const strain = noise(4 * RATE_HZ, 7);
    inject(strain, { timeSec: 2, frequencyHz: 80, q: 8, snr: 15 });
    const first = scanner.scan(strain);
    scanner.scan(noise(4 * RATE_HZ, 8));
    const again = scanner.scan(strain.map((v) => v * 2 ** -70));
    expect(again.peak.frequencyHz).toBe(first.peak.frequencyHz);
    expect(again.grids.map((g) => Buffer.from(g.grid.data).toString('base64'))).toEqual(
      first.grids.map((g) => Buffer.from(g.grid.data).toString('base64')),
    );
  });

  it('centres on a given time where asked', () => {
    const strain = noise(4 * RATE_HZ, 9);
    inject(strain, { timeSec: 2.1, frequencyHz: 100, q: 8, snr: 30 });
    const { grids } = scanner.scan(strain, { centreSec: 2, centreOn: 'given' });
    const { columnMean } = brightSpot(grids[0]!.grid.data);
    // 0.1 s late in a window of 0.5 s.
    expect(Math.abs(columnMean - (63.5 + 0.2 * 128))).toBeLessThan(3);
  });

  it('refuses what it cannot scan', () => {
    const bad = { code: 'bad_scan' };
    expect(() => createQScanner({ sampleRateHz: 1000, durationSec: 4 })).toThrow(
      expect.objectContaining(bad),
    );
    expect(() => scanner.scan(new Float64Array(7))).toThrow(expect.objectContaining(bad));
    expect(() => scanner.scan(new Float64Array(4 * RATE_HZ).fill(Number.NaN))).toThrow(
      expect.objectContaining(bad),
    );
  });

  it('draws silence as an empty grid', () => {
    const { grids } = scanner.scan(new Float64Array(4 * RATE_HZ));
    expect(grids.every(({ grid }) => grid.data.every((v) => v === 0))).toBe(true);
  });
});

function brightSpot(data: Uint8Array) {
  const energy = data.reduce((max, v) => Math.max(max, v), 0);
  let sum = 0;
  let rows = 0;
  let columns = 0;
  for (let i = 0; i < data.length; i++) {
    if (data[i]! > 0.7 * energy) {
      sum += 1;
      rows += Math.floor(i / 128);
      columns += i % 128;
    }
  }
  return { energy, rowMean: rows / sum, columnMean: columns / sum };
}
