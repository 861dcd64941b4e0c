import { describe, expect, it } from 'vitest';
import { dealFolds } from './folds.js';

const labels = [...'aaaaaaabbbbbbbcc'];

describe('dealFolds', () => {
  it('deals every label out evenly into folds of one size', () => {
    const folds = dealFolds(labels, 4, 1);
    const sizes = [0, 1, 2, 3].map((fold) => folds.filter((found) => found === fold).length);
    expect(sizes).toEqual([4, 4, 4, 4]);
    for (const label of 'ab') {
      for (let fold = 0; fold < 4; fold++) {
        const count = labels.filter((found, i) => found === label && folds[i] === fold).length;
        expect(count).toBeGreaterThanOrEqual(1);
        expect(count).toBeLessThanOrEqual(2);
      }
    }
  });

  it('is a matter of the seed', () => {
    expect(dealFolds(labels, 4, 1)).toEqual(dealFolds(labels, 4, 1));
    expect(dealFolds(labels, 4, 1)).not.toEqual(dealFolds(labels, 4, 2));
  });
});
