import { describe, expect, it } from 'vitest';
import { type FitNeed, isFitDue, pauseAfterFailuresMs } from './refit-schedule.js';

const schedule = { minFit: 200, refitEveryCount: 500, refitGrowth: 0.2, refitEverySec: 1_800 };
const model = (nReference: number) => ({ nReference, activatedAtMs: 1_000_000 });
const need = (values: Partial<FitNeed>): FitNeed => ({
  known: 1_000,
  model: model(1_000),
  newSinceFit: 0,
  nowMs: 1_000_000,
  ...values,
});

describe('isFitDue', () => {
  it.each([
    ['too few for a first fit', { model: undefined, known: 199 }, false],
    ['enough for a first fit', { model: undefined, known: 200 }, true],
    ['nothing new, however old', { nowMs: 1e12 }, false],
    ['499 new', { newSinceFit: 499 }, false],
    ['500 new', { newSinceFit: 500 }, true],
    ['500 new of a large model', { newSinceFit: 500, model: model(10_000) }, false],
    ['a fifth new of a large model', { newSinceFit: 2_000, model: model(10_000) }, true],
    ['one new, not yet old', { newSinceFit: 1, nowMs: 1_000_000 + 1_799_999 }, false],
    ['one new and old enough', { newSinceFit: 1, nowMs: 1_000_000 + 1_800_000 }, true],
  ])('%s', (_, values, due) => {
    expect(isFitDue(need(values), schedule)).toBe(due);
  });
});

describe('pauseAfterFailuresMs', () => {
  it('grows from nothing to ten minutes', () => {
    expect([0, 1, 2, 3, 20].map(pauseAfterFailuresMs)).toEqual([0, 5_000, 10_000, 20_000, 600_000]);
  });
});
