import type { ClustererConfig } from '../config.js';
import type { AlertRules } from './alert-tracker.js';

export function alertRulesOf(config: ClustererConfig): AlertRules {
  return {
    minGroupSize: config.alertMinGroupSize,
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
