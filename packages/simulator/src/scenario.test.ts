import { describe, expect, it } from 'vitest';
import { createScenario, type PlannedGlitch, type ScenarioOptions } from './scenario.js';

const first = 1_400_000_000_000_000_000n;
const secondsOf = ({ choice }: PlannedGlitch) => Number(choice.peakGpsNs - first) / 1e9;

function take(n: number, options: Omit<ScenarioOptions, 'seed'>): PlannedGlitch[] {
  const scenario = createScenario({ seed: 5, ...options });
  return Array.from({ length: n }, () => scenario.next());
}

describe('createScenario', () => {
  it('is the same for the same seed, in order of time', () => {
    const options = { burstsPerHour: 60, daily: 0.5, overlaps: 0.2 };
    const plans = take(300, options);
    expect(take(300, options)).toEqual(plans);
    expect(plans.map(({ n }) => n)).toEqual(plans.map((_, i) => i));
    for (let i = 1; i < plans.length; i++) {
      expect(secondsOf(plans[i]!)).toBeGreaterThanOrEqual(secondsOf(plans[i - 1]!));
    }
  });

  it('keeps the mean rate', () => {
    const plans = take(4000, { ratePerSec: 2 });
    expect(4000 / secondsOf(plans.at(-1)!)).toBeGreaterThan(1.85);
    expect(4000 / secondsOf(plans.at(-1)!)).toBeLessThan(2.15);
  });

  it('follows the day', () => {
    const plans = take(20_000, { ratePerSec: 0.05, daily: 0.8 });
    const quarter = (plan: PlannedGlitch) =>
      Math.floor((Number(plan.choice.peakGpsNs / 1_000_000_000n) % 86_400) / 43_200);
    const busy = plans.filter((plan) => quarter(plan) === 0).length;
    // (1 + 2 x 0.8 / pi) / (1 - 2 x 0.8 / pi) = 3.08
    expect(busy / (20_000 - busy)).toBeGreaterThan(2.8);
    expect(busy / (20_000 - busy)).toBeLessThan(3.4);
  });

  it('puts a burst’s glitches of one class within ten seconds', () => {
    const plans = take(3000, { ratePerSec: 0.1, burstsPerHour: 20 });
    const bursts = new Map<number, PlannedGlitch[]>();
    for (const plan of plans) {
      if (plan.burst === undefined) continue;
      bursts.set(plan.burst, [...(bursts.get(plan.burst) ?? []), plan]);
    }
    expect(bursts.size).toBeGreaterThan(20);
    for (const members of [...bursts.values()].slice(0, -2)) {
      expect(members.length).toBeGreaterThanOrEqual(4);
      expect(new Set(members.map(({ choice }) => choice.className)).size).toBe(1);
      expect(secondsOf(members.at(-1)!) - secondsOf(members[0]!)).toBeLessThan(10);
    }
  });

  it('lets a class begin, and another drift, when told', () => {
    const plans = take(2000, {
      classes: ['Blip', 'Power_Line'],
      begins: new Map([['Staircase', 500]]),
      drifts: new Map([['Blip', -1.5]]),
    });
    const staircases = plans.filter(({ choice }) => choice.className === 'Staircase');
    expect(secondsOf(staircases[0]!)).toBeGreaterThanOrEqual(500);
    expect(secondsOf(staircases[0]!)).toBeLessThan(520);
    for (const plan of plans) {
      const expected = plan.choice.className === 'Blip' ? (-1.5 * secondsOf(plan)) / 3600 : 0;
      expect(plan.choice.octaves ?? 0).toBeCloseTo(expected, 6);
    }
  });

  it('draws SNR and overlaps as told', () => {
    const plans = take(2000, { snr: [7.5, 500], overlaps: 0.3 });
    const share = plans.filter(({ choice }) => choice.overlap).length / 2000;
    expect(share).toBeGreaterThan(0.26);
    expect(share).toBeLessThan(0.34);
    for (const { choice } of plans) {
      expect(choice.snr).toBeGreaterThanOrEqual(7.5);
      expect(choice.snr).toBeLessThanOrEqual(500);
    }
  });

  it('refuses an unknown class and impossible shares', () => {
    const refuses = (options: Omit<ScenarioOptions, 'seed'>, code: string) =>
      expect(() => take(1, options)).toThrow(expect.objectContaining({ code }));
    refuses({ begins: new Map([['Koi', 1]]) }, 'unknown_class');
    refuses({ daily: 1.5 }, 'bad_option');
    refuses({ overlaps: -1 }, 'bad_option');
    refuses({ classes: ['Blip'], begins: new Map([['Blip', 1]]) }, 'bad_option');
  });
});
