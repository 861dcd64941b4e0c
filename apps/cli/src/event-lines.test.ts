import { Alert, AlertKind, AlertState } from '@glitchwatch/proto';
import { describe, expect, it } from 'vitest';
import { alertLine } from './event-lines.js';

const alert = Alert.fromPartial({
  alertId: 'ab'.repeat(16),
  state: AlertState.ALERT_STATE_OPEN,
  kind: AlertKind.ALERT_KIND_BURST,
  summary: 'Burst of family 3',
  updatedAtMs: 1_700_000_000_000n,
});

describe('alertLine', () => {
  it('tells time, state, kind, id and what it is about', () => {
    expect(alertLine(alert)).toBe('22:13:20  OPEN      burst     abababab  Burst of family 3');
  });

  it('marks what concerns the past only', () => {
    expect(alertLine({ ...alert, historical: true })).toMatch(
      /Burst of family 3 {2}\(historical\)$/,
    );
  });
});
