import { Family } from '@glitchwatch/proto';
import { describe, expect, it } from 'vitest';
import { defaultFamilyName, withNamesApart } from './family-name.js';

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

describe('withNamesApart', () => {
  const family = (familyId: number, facts: Partial<Family>) => {
    const made = Family.fromPartial({ ...plain, familyId, ...facts });
    return { ...made, name: defaultFamilyName(made, undefined) };
  };

  it('adds the physics of families that one label leads', () => {
    const families = [
      family(1, {
        membersByLabel: { Blip: 92n, Tomte: 8n },
        medianPeakFrequencyHz: 183,
        medianDurationSec: 0.05,
      }),
      family(2, { membersByLabel: { Blip: 50n }, medianPeakFrequencyHz: 61.2 }),
      family(3, { membersByLabel: { Blip: 50n } }),
      family(4, { membersByLabel: { Tomte: 50n }, medianPeakFrequencyHz: 40 }),
      family(5, { medianPeakFrequencyHz: 40 }),
    ];
    expect(withNamesApart(families).map(({ name }) => name)).toEqual([
      'Blip, 92 % (180 Hz, 0.05 s)',
      'Blip, 100 % (61 Hz)',
      'Blip, 100 %',
      'Tomte, 100 %',
      '40 Hz glitches',
    ]);
  });
});
