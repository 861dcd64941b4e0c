import { createRng } from '@glitchwatch/numerics';
import { createRealFft } from '@glitchwatch/spectrogram';
import { describe, expect, it } from 'vitest';
import { aligoPsd, createDetectorNoise } from './detector-noise.js';
import { createDraws } from './draws.js';

const nSamples = 32_768;

/** Mean power per bin in a band, over several stretches; 1 for white noise of unit variance. */
function bandPower(fromHz: number, toHz: number): number {
  const fill = createDetectorNoise({ sampleRateHz: 8192, nSamples });
  const transform = createRealFft(nSamples);
  const rng = createRng(3);
  const draws = createDraws(rng);
  const noise = new Float64Array(nSamples);
  let sum = 0;
  let bins = 0;
  for (let i = 0; i < 12; i++) {
    fill(noise, rng, draws);
    const { re, im } = transform(noise);
    for (let k = 4 * fromHz; k < 4 * toHz; k++) {
      sum += (re[k]! ** 2 + im[k]! ** 2) / nSamples;
      bins += 1;
    }
  }
  return sum / bins;
}

describe('createDetectorNoise', () => {
  it('is white but for the high-pass and the drift of the spectrum', () => {
    expect(bandPower(100, 300)).toBeGreaterThan(0.85);
    expect(bandPower(100, 300)).toBeLessThan(1.15);
    expect(bandPower(1000, 2000)).toBeGreaterThan(0.85);
    expect(bandPower(1000, 2000)).toBeLessThan(1.15);
    expect(bandPower(1, 4)).toBeLessThan(0.1);
  });
});

describe('aligoPsd', () => {
  it('has its floor at some hundred hertz and rises to both sides', () => {
    expect(Math.sqrt(aligoPsd(215))).toBeGreaterThan(1e-24);
    expect(Math.sqrt(aligoPsd(215))).toBeLessThan(5e-24);
    expect(aligoPsd(15)).toBeGreaterThan(100 * aligoPsd(215));
    expect(aligoPsd(2000)).toBeGreaterThan(10 * aligoPsd(215));
  });
});
