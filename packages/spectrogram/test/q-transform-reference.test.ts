import { describe, expect, it } from 'vitest';
import { createQScanner } from '../src/q-transform/scanner.js';
import { createStrainScanner } from '../src/q-transform/strain-scanner.js';
import { createFilterDesigner, createWhitener } from '../src/q-transform/whitening.js';
import {
  hasReferenceScans,
  referenceArray,
  referenceMeta,
  referenceNote,
  relativeError,
} from './reference-scans.js';

const withStrain = ['GW150914_H1', 'GW150914_L1'];
const all = ['sine_gaussian', ...withStrain, 'GW170104_H1', 'GW170104_L1'];

describe.skipIf(!hasReferenceScans)(`GWpy on real strain${referenceNote}`, () => {
  it.each(withStrain)('gives the same density, filter and whitened strain: %s', (name) => {
    const meta = referenceMeta(name);
    const strain = referenceArray(name, 'strain');
    const { samples, density } = createWhitener(meta.sample_rate)(strain);
    const asd = referenceArray(name, 'asd');
    const worst = density.amplitude.reduce(
      (max, value, k) => Math.max(max, Math.abs(value / asd[2 * k + 1]! - 1)),
      0,
    );
    expect(worst).toBeLessThan(1e-8);
    const filter = createFilterDesigner(meta.sample_rate)(density, strain.length);
    const scale = Math.sqrt(2 / meta.sample_rate);
    expect(
      relativeError(
        filter.map((tap) => tap / scale),
        referenceArray(name, 'whitening_fir'),
      ),
    ).toBeLessThan(1e-9);
    const expected = referenceArray(name, 'whitened_long');
    const first = Math.round((meta.whitened_t0 - meta.t0!) * meta.sample_rate);
    const found = samples.subarray(first, first + expected.length);
    expect(relativeError(found, expected)).toBeLessThan(1e-9);
  });

  it.each(all)('gives the same plane, tile by tile: %s', (name) => {
    const meta = referenceMeta(name);
    const { t0, samples, offset_in_whitened_long: offset } = meta.whitened_short;
    const whitened = referenceArray(name, 'whitened_long').slice(offset, offset + samples);
    const durationSec = samples / meta.sample_rate;
    const scan = createQScanner({ sampleRateHz: meta.sample_rate, durationSec }).scan(whitened, {
      centreSec: (meta.injected?.time ?? meta.gps!) - t0,
    });
    expect(scan.planePeaks.length).toBe(meta.planes.length);
    meta.planes.forEach((plane, i) => {
      expectSameTile(scan.planePeaks[i]!, plane, t0);
    });
    expect(scan.peak.q).toBeCloseTo(meta.chosen.q, 9);
    expectSameTile(scan.peak, meta.peak_tile, t0);

    const { tiling, energies, offsets } = scan.plane;
    const expected = referenceArray(name, 'plane_energies');
    expect(tiling.rows.map((row) => row.frequencyHz)).toEqual([
      ...referenceArray(name, 'plane_frequencies'),
    ]);
    expect(tiling.rows.map((row) => row.nTiles)).toEqual([...referenceArray(name, 'plane_ntiles')]);
    const errors = tiling.rows.map((_, r) =>
      relativeError(
        energies.subarray(offsets[r], offsets[r + 1]),
        expected.subarray(offsets[r], offsets[r + 1]),
      ),
    );
    // The agreed limit is 1e-4 of the row's maximum; single precision reaches 1e-6.
    expect(Math.max(...errors)).toBeLessThan(2e-6);
  });

  it.each(withStrain)('chooses the same tile from strain to scan: %s', (name) => {
    const meta = referenceMeta(name);
    const scanner = createStrainScanner(meta.sample_rate);
    const block = scanner.whiten(referenceArray(name, 'strain'));
    const { peak } = scanner.scan(block, meta.gps! - meta.t0!);
    const { q, time, frequency, energy } = meta.spectrogram_plane;
    expect(peak.q).toBeCloseTo(q, 9);
    expect(peak.frequencyHz).toBe(frequency);
    expect(peak.timeSec).toBeCloseTo(time - meta.t0!, 6);
    expect(peak.energy / energy).toBeCloseTo(1, 5);
  });

  it.each(all)('draws much the same pictures: %s', (name) => {
    const meta = referenceMeta(name);
    const centre = meta.injected?.time ?? meta.gps!;
    const whitened = referenceArray(name, 'whitened_long');
    const { grids, plane } = createQScanner({
      sampleRateHz: meta.sample_rate,
      durationSec: whitened.length / meta.sample_rate,
    }).scan(whitened, { centreSec: centre - meta.whitened_t0, centreOn: 'given' });
    const frequencies = referenceArray(name, 'spectrogram_frequencies');
    const { q, rows } = plane.tiling;
    for (const { windowSec, grid } of grids) {
      const picture = referenceArray(name, `spectrogram_${windowSec}`);
      const nTime = picture.length / frequencies.length;
      const pairs: [number, number][] = [];
      for (let row = 0; row < grid.nFrequency; row++) {
        const hz = 2048 * (10 / 2048) ** ((row + 0.5) / grid.nFrequency);
        // Beyond its first row GWpy extrapolates; where a tile is shorter than two columns,
        // its point samples are not our means.
        const tileSec = q / (2 * Math.sqrt(Math.PI) * hz);
        if (hz < rows[0]!.frequencyHz || tileSec < (2 * windowSec) / grid.nTime) continue;
        const at = nearest(frequencies, hz);
        for (let column = 0; column < grid.nTime; column++) {
          const t = Math.round(((column + 0.5) / grid.nTime) * nTime);
          if (t >= nTime) continue;
          const energy = Math.min(25.5, Math.max(0, picture[at * nTime + t]!));
          pairs.push([grid.data[row * grid.nTime + column]! / 10, energy]);
        }
      }
      expect(pairs.length).toBeGreaterThan(2000);
      // Splines there, local interpolation here.
      expect(correlation(pairs)).toBeGreaterThan(0.97);
      const mean = (i: 0 | 1): number => pairs.reduce((sum, pair) => sum + pair[i], 0);
      expect(mean(0) / mean(1)).toBeGreaterThan(0.97);
      expect(mean(0) / mean(1)).toBeLessThan(1.03);
    }
  });
});

function expectSameTile(
  found: { readonly q: number; readonly timeSec: number; readonly frequencyHz: number } & {
    readonly energy: number;
  },
  expected: { readonly q: number; readonly time: number; readonly frequency: number } & {
    readonly energy_over_median: number;
  },
  startSec: number,
): void {
  expect(found.q).toBeCloseTo(expected.q, 9);
  expect(found.frequencyHz).toBe(expected.frequency);
  expect(found.timeSec).toBeCloseTo(expected.time - startSec, 6);
  expect(found.energy / expected.energy_over_median).toBeCloseTo(1, 5);
}

function nearest(sorted: Float64Array, value: number): number {
  let best = 0;
  for (let i = 1; i < sorted.length; i++) {
    if (Math.abs(Math.log(sorted[i]! / value)) < Math.abs(Math.log(sorted[best]! / value)))
      best = i;
  }
  return best;
}

function correlation(pairs: readonly (readonly [number, number])[]): number {
  const n = pairs.length;
  const mean = [0, 1].map((i) => pairs.reduce((sum, pair) => sum + pair[i]!, 0) / n);
  let [xy, xx, yy] = [0, 0, 0];
  for (const [x, y] of pairs) {
    xy += (x - mean[0]!) * (y - mean[1]!);
    xx += (x - mean[0]!) ** 2;
    yy += (y - mean[1]!) ** 2;
  }
  return xy / Math.sqrt(xx * yy);
}
