import { describe, expect, it } from 'vitest';
import type { Drift } from '../data/messages.js';
import { alertTitle, falseAlarmText } from './alert-kind.js';

const evidence: Drift = {
  cause: 'detector',
  ifo: 'H1',
  mmd2: 0.1,
  pValue: 0.001,
  nRecent: 200,
  goldenMaxDistance: 0,
};

describe('an alert in words', () => {
  it('has a title of its own for each kind', () => {
    const drift = (cause: Drift['cause']): Drift => ({ ...evidence, cause });
    const titles = [
      ...(['emergent-family', 'outlier', 'burst', 'other'] as const).map((kind) =>
        alertTitle({ kind, drift: null }),
      ),
      alertTitle({ kind: 'drift', drift: drift('detector') }),
      alertTitle({ kind: 'drift', drift: drift('embedder') }),
    ];
    expect(new Set(titles).size).toBe(6);
  });

  it('says how often chance alone gives as much', () => {
    expect(falseAlarmText(0)).toBe('–');
    expect(falseAlarmText(0.0234)).toBe('0.023 a day by chance');
    expect(falseAlarmText(1e-9)).toBe('below 0.001 a day by chance');
  });
});
