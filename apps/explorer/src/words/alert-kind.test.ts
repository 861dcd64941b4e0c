import { describe, expect, it } from 'vitest';
import { alertTitle, falseAlarmText } from './alert-kind.js';

describe('an alert in words', () => {
  it('has a title of its own for each kind', () => {
    const titles = (['emergent-family', 'outlier', 'burst', 'other'] as const).map((kind) =>
      alertTitle({ kind }),
    );
    expect(new Set(titles).size).toBe(4);
  });

  it('says how often chance alone gives as much', () => {
    expect(falseAlarmText(0)).toBe('–');
    expect(falseAlarmText(0.0234)).toBe('0.023 a day by chance');
    expect(falseAlarmText(1e-9)).toBe('below 0.001 a day by chance');
  });
});
