import { describe, expect, it } from 'vitest';
import { judgeConnection, SILENCE_MS } from './connection.js';

const facts = { streamOpen: true, everOpen: true, failed: false, caughtUp: true, lastHeardMs: 0 };

describe('judgeConnection', () => {
  it.each([
    ['live', facts, 1_000],
    ['stale', facts, SILENCE_MS + 1],
    ['stale', { ...facts, caughtUp: false }, 1_000],
    ['disconnected', { ...facts, streamOpen: false }, 1_000],
    ['disconnected', { ...facts, streamOpen: false, everOpen: false, failed: true }, 1_000],
    ['connecting', { ...facts, streamOpen: false, everOpen: false }, 1_000],
  ] as const)('says %s', (expected, given, nowMs) => {
    expect(judgeConnection(given, nowMs)).toBe(expected);
  });
});
