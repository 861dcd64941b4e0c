import { describe, expect, it } from 'vitest';
import { defaultFamilyName } from './family-name.js';

const plain = { familyId: 7, nMembers: 100n, membersByLabel: {} };

describe('defaultFamilyName', () => {
  it.each([
    ['most of its labels', { membersByLabel: { Blip: 46n, Tomte: 4n } }, undefined, 'Blip, 92 %'],
    ['words of a label', { membersByLabel: { Power_Line: 50n } }, undefined, 'Power Line, 100 %'],
    [
      'the first of two equal labels',
      { membersByLabel: { Tomte: 5n, Blip: 5n } },
      undefined,
      'Blip, 50 %',
    ],
    [
      'its physics where too few carry a label',
      { membersByLabel: { Blip: 4n }, medianPeakFrequencyHz: 61.2, medianDurationSec: 0.52 },
      8,
      '61 Hz lines, 0.52 s',
    ],
    [
      'bursts',
      { medianPeakFrequencyHz: 183, medianDurationSec: 0.05 },
      160,
      '180 Hz bursts, 0.05 s',
    ],
    [
      'glitches of no clear kind',
      { medianPeakFrequencyHz: 1520, medianDurationSec: 2 },
      undefined,
      '1500 Hz glitches, 2 s',
    ],
    ['a frequency alone', { medianPeakFrequencyHz: 30 }, undefined, '30 Hz glitches'],
    ['nothing', {}, undefined, 'Family 7'],
  ])('names by %s', (_, facts, bandwidthHz, name) => {
    expect(defaultFamilyName({ ...plain, ...facts }, bandwidthHz)).toBe(name);
  });
});
