import { createRng } from '@glitchwatch/numerics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AlarmThreshold, afterAlarm, alarmLimit } from './alarm-threshold.js';

const DAY_MS = 86_400_000;

describe('an alarm threshold', () => {
  it('begins with what is wanted, falls with an alarm and comes back with time', () => {
    expect(alarmLimit(undefined, 0.3, 0)).toBe(0.3);
    const after = afterAlarm(undefined, 0.3, 0);
    expect(alarmLimit(after, 0.3, 0)).toBeLessThan(0.3);
    expect(alarmLimit(after, 0.3, DAY_MS / 0.3)).toBeCloseTo(0.3, 9);
    expect(alarmLimit(after, 0.3, 1e6 * DAY_MS)).toBeCloseTo(0.3 * 10 ** 1.5, 9);
  });

  it('is monotone: rises with time and with what is wanted, falls with every alarm', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 20 }),
        fc.double({ min: 0.01, max: 10, noNaN: true }),
        (gapsDays, wanted) => {
          let nowMs = 0;
          let threshold: AlarmThreshold | undefined;
          for (const gap of gapsDays) {
            nowMs += gap * DAY_MS;
            const before = alarmLimit(threshold, wanted, nowMs);
            threshold = afterAlarm(threshold, wanted, nowMs);
            expect(alarmLimit(threshold, wanted, nowMs)).toBeLessThanOrEqual(before);
            const later = alarmLimit(threshold, wanted, nowMs + DAY_MS);
            expect(later).toBeGreaterThanOrEqual(alarmLimit(threshold, wanted, nowMs));
            expect(alarmLimit(threshold, 2 * wanted, nowMs)).toBeGreaterThanOrEqual(
              alarmLimit(threshold, wanted, nowMs),
            );
          }
        },
      ),
      { seed: 1 },
    );
  });

  it.each([1, 0.05, 20])(
    'gives the wanted number of alarms where evidence is worth %f of what it says',
    (worth) => {
      const rng = createRng(3);
      const [perDay, wanted, days] = [1_440, 1, 200];
      let threshold: AlarmThreshold | undefined;
      let alarms = 0;
      for (let n = 0; n < days * perDay; n++) {
        const nowMs = (n / perDay) * DAY_MS;
        const counted = perDay * rng.nextFloat() * worth;
        if (counted > alarmLimit(threshold, wanted, nowMs)) continue;
        threshold = afterAlarm(threshold, wanted, nowMs);
        if (nowMs > 30 * DAY_MS) alarms++;
      }
      expect(alarms / (days - 30)).toBeGreaterThan(wanted / 1.5);
      expect(alarms / (days - 30)).toBeLessThan(wanted * 1.5);
    },
  );
});
