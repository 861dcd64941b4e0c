import { describe, expect, it } from 'vitest';
import { decimalTimesPowerOfTen, parseGpsParts, parseGpsSeconds } from './gps-time.js';

describe('parseGpsSeconds', () => {
  it.each([
    ['1163421591.62109', 1163421591621090000n],
    ['1163770956.7246099', 1163770956724609900n],
    // As a float this would be ...931639909744263 or so: digits must survive.
    ['1134216192.931639909', 1134216192931639909n],
    ['1134216192', 1134216192000000000n],
    ['1134216192.', 1134216192000000000n],
    [' 1134216192.5 ', 1134216192500000000n],
    ['1.134216192e9', 1134216192000000000n],
    ['0', 0n],
    ['0.0000000005', 1n],
    ['0.0000000004', 0n],
    ['9223372036.854775807', 9223372036854775807n],
  ])('%s', (text, expected) => {
    expect(parseGpsSeconds(text)).toBe(expected);
  });

  it.each(['', 'nan', 'NaN', 'inf', '-1', '1,5', '0x10', '1e999', '9223372036.854775808', '12 13'])(
    'refuses %j',
    (text) => {
      expect(parseGpsSeconds(text)).toBeUndefined();
    },
  );
});

describe('parseGpsParts', () => {
  it('joins whole seconds and nanoseconds exactly', () => {
    expect(parseGpsParts('1134216192', '931639909')).toBe(1134216192931639909n);
    expect(parseGpsParts('1109138164', '22460937')).toBe(1109138164022460937n);
    expect(parseGpsParts('1134216192.0', '931639909.0')).toBe(1134216192931639909n);
  });

  it('refuses a fraction, which would count the time twice, and a full second of ns', () => {
    expect(parseGpsParts('1134216192.9', '931639909')).toBeUndefined();
    expect(parseGpsParts('1134216192', '1000000000')).toBeUndefined();
    expect(parseGpsParts('1134216192', '-1')).toBeUndefined();
    expect(parseGpsParts('nan', '1')).toBeUndefined();
  });
});

it('rounds half away from zero', () => {
  expect(decimalTimesPowerOfTen('-0.5', 0)).toBe(-1n);
  expect(decimalTimesPowerOfTen('0.49', 0)).toBe(0n);
});
