import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gravitySpyFileName, groupWindows, parseGravitySpyFileName } from './file-name.js';

describe('parseGravitySpyFileName', () => {
  test.each([
    ['H1_0Sug0tqkoL_spectrogram_0.5.png', 'H1', '0Sug0tqkoL', 0.5],
    ['L1_zz9_spectrogram_1.0.png', 'L1', 'zz9', 1],
    ['some/folder/V1_a_b_spectrogram_2.0.PNG', 'V1', 'a_b', 2],
    ['C:\\pictures\\K1_x_spectrogram_4.png', 'K1', 'x', 4],
  ])('%s', (name, ifo, externalId, windowSec) => {
    expect(parseGravitySpyFileName(name)).toEqual({ ifo, externalId, windowSec });
  });

  test.each([
    '',
    'readme.txt',
    'H1_0Sug0tqkoL_spectrogram_0.5.jpg',
    'H1_0Sug0tqkoL_spectrogram_3.0.png',
    'H1_0Sug0tqkoL_spectrogram_.png',
    'H1__spectrogram_1.0.png',
    'Hanford_abc_spectrogram_1.0.png',
    'H1_abc_spectrogram_1.0.png.part',
  ])('%j is no Gravity Spy picture', (name) => {
    expect(parseGravitySpyFileName(name)).toBeUndefined();
  });

  test('reads every name that it writes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('H1', 'L1', 'V1', 'K1', 'G1'),
        fc.stringMatching(/^[A-Za-z0-9]{1,12}$/),
        fc.constantFrom(0.5, 1, 2, 4),
        (ifo, externalId, windowSec) => {
          const name = { ifo, externalId, windowSec };
          expect(parseGravitySpyFileName(gravitySpyFileName(name))).toEqual(name);
        },
      ),
      { seed: 2 },
    );
    const blip = { ifo: 'H1', externalId: 'abc', windowSec: 1 };
    expect(gravitySpyFileName(blip)).toBe('H1_abc_spectrogram_1.0.png');
  });
});

describe('groupWindows', () => {
  test('brings windows together, shortest first, and loses no file', () => {
    const files = [
      'b/H1_x_spectrogram_4.0.png',
      'a/L1_x_spectrogram_0.5.png',
      'a/H1_x_spectrogram_0.5.png',
      'notes.md',
      'c/H1_x_spectrogram_0.5.png',
    ];
    expect(groupWindows(files)).toEqual({
      glitches: [
        {
          ifo: 'H1',
          externalId: 'x',
          windows: [
            { windowSec: 0.5, file: 'a/H1_x_spectrogram_0.5.png' },
            { windowSec: 4, file: 'b/H1_x_spectrogram_4.0.png' },
          ],
        },
        {
          ifo: 'L1',
          externalId: 'x',
          windows: [{ windowSec: 0.5, file: 'a/L1_x_spectrogram_0.5.png' }],
        },
      ],
      duplicates: ['c/H1_x_spectrogram_0.5.png'],
      unrecognised: ['notes.md'],
    });
  });
});
