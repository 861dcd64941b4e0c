import { Alert, AlertState } from '@glitchwatch/proto';
import { describe, expect, it } from 'vitest';
import { AlertBook } from './alert-book.js';

function alertOf(alertId: string, revision: number, state = AlertState.ALERT_STATE_OPEN): Alert {
  return Alert.fromPartial({ alertId, revision, state, updatedAtMs: BigInt(revision) });
}

describe('AlertBook', () => {
  it('keeps the newest revision, whatever the order', () => {
    const book = new AlertBook(10);
    expect(book.apply(alertOf('a', 2))).toBe(true);
    expect(book.apply(alertOf('a', 1))).toBe(false);
    expect(book.apply(alertOf('a', 2))).toBe(false);
    expect(book.get('a')?.revision).toBe(2);
  });

  it('lets closed alerts go before open ones', () => {
    const book = new AlertBook(2);
    book.apply(alertOf('open', 1));
    book.apply(alertOf('closed', 5, AlertState.ALERT_STATE_RESOLVED));
    book.apply(alertOf('new', 9));
    expect(book.list().map(({ alertId }) => alertId)).toEqual(['new', 'open']);
    book.apply(alertOf('newer', 10));
    expect(book.list().map(({ alertId }) => alertId)).toEqual(['newer', 'new']);
    expect(book.nOpen).toBe(2);
  });
});
