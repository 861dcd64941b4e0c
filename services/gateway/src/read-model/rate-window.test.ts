import { describe, expect, it } from 'vitest';
import { RateWindow } from './rate-window.js';

describe('RateWindow', () => {
  it('counts what lies within the time asked for', () => {
    const window = new RateWindow(1_000, 60);
    for (let sec = 0; sec < 30; sec++) window.add(1_000_000 + sec * 1_000);
    const now = 1_000_000 + 29_500;
    expect(window.count(now, 10_000)).toBe(10);
    expect(window.count(now, 60_000)).toBe(30);
    expect(window.count(now + 45_000, 60_000)).toBe(15);
  });

  it('forgets in a fixed space, and a late event does not bring old ones back', () => {
    const window = new RateWindow(1_000, 10);
    window.add(5_000);
    window.add(25_000);
    window.add(5_000);
    expect(window.count(25_000, 10_000)).toBe(1);
  });
});
