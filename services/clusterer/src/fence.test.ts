import { ModelActivated } from '@glitchwatch/proto';
import { expect, it } from 'vitest';
import { canSucceed, inForceAfter } from './fence.js';

const activation = (modelVersion: number, token: number) =>
  ModelActivated.fromPartial({ modelVersion, fencingToken: BigInt(token) });

it.each([
  [
    'the newer of one holder',
    [
      [1, 7],
      [2, 7],
    ],
    [2, 7],
  ],
  [
    'of the same version the larger token',
    [
      [5, 9],
      [5, 10],
    ],
    [5, 10],
  ],
  [
    'never a smaller token, though it comes later',
    [
      [5, 10],
      [5, 9],
    ],
    [5, 10],
  ],
  [
    'nor though its version is higher',
    [
      [5, 10],
      [6, 9],
    ],
    [5, 10],
  ],
  [
    'the next of the rightful holder after a void one',
    [
      [5, 10],
      [6, 9],
      [6, 10],
    ],
    [6, 10],
  ],
  [
    'a repeated one once',
    [
      [5, 10],
      [5, 10],
    ],
    [5, 10],
  ],
])('keeps in force %s', (_what, log, [version, token]) => {
  let inForce: ModelActivated | undefined;
  for (const [v, t] of log) inForce = inForceAfter(inForce, activation(v!, t!));
  expect(inForce).toEqual(activation(version!, token!));
});

it('lets only a newer version with no smaller token succeed', () => {
  expect(canSucceed(undefined, activation(1, 0))).toBe(true);
  expect(canSucceed(activation(5, 10), activation(6, 10))).toBe(true);
  expect(canSucceed(activation(5, 10), activation(6, 9))).toBe(false);
  expect(canSucceed(activation(5, 10), activation(5, 11))).toBe(false);
});
