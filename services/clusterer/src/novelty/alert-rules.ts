import type { ClustererConfig } from '../config.js';
import type { AlertRules } from './alert-tracker.js';

/** No family has fewer members: the least that the fit makes one of. */
const FAMILY_FROM = 5;

export function alertRulesOf(config: ClustererConfig): AlertRules {
  return {
    minGroupSize: config.alertMinGroupSize,
    familyFrom: FAMILY_FROM,
    window: config.alertWindow,
    everyMemberUpTo: config.alertEveryMemberUpTo,
    updateEveryMs: config.alertUpdateEverySec * 1_000,
    candidateShare: config.alertCandidateShare,
    historicalAfterMs: config.alertHistoricalAfterSec * 1_000,
    alarms: {
      wantedPerDay: {
        'emergent-family': config.falseEmergentPerDay,
        outlier: config.falseOutliersPerDay,
        burst: config.falseBurstsPerDay,
      },
      maxPerHour: config.alertMaxPerHour,
    },
  };
}
