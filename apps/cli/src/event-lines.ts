import { type Alert, AlertKind, AlertState, type Assignment } from '@glitchwatch/proto';

const stateNames: Readonly<Record<number, string>> = {
  [AlertState.ALERT_STATE_OPEN]: 'OPEN',
  [AlertState.ALERT_STATE_UPDATED]: 'UPDATED',
  [AlertState.ALERT_STATE_ACKNOWLEDGED]: 'ACKNOWLEDGED',
  [AlertState.ALERT_STATE_MUTED]: 'MUTED',
  [AlertState.ALERT_STATE_RESOLVED]: 'RESOLVED',
};

const kindNames: Readonly<Record<number, string>> = {
  [AlertKind.ALERT_KIND_EMERGENT_FAMILY]: 'emergent',
  [AlertKind.ALERT_KIND_OUTLIER]: 'outlier',
  [AlertKind.ALERT_KIND_BURST]: 'burst',
  [AlertKind.ALERT_KIND_DRIFT]: 'drift',
};

const clockOf = (ms: bigint) => new Date(Number(ms)).toISOString().slice(11, 19);

/** One alert revision as a terminal line. */
export function alertLine(alert: Alert): string {
  const state = (stateNames[alert.state] ?? 'UNKNOWN').padEnd(8);
  const kind = (kindNames[alert.kind] ?? 'other').padEnd(8);
  const mark = alert.historical ? '  (historical)' : '';
  return `${clockOf(alert.updatedAtMs)}  ${state}  ${kind}  ${alert.alertId.slice(0, 8)}  ${alert.summary}${mark}`;
}

/** One assignment as a terminal line. */
export function assignmentLine(assignment: Assignment): string {
  const { trigger, familyId } = assignment;
  const family = familyId < 0 ? 'unassigned' : `family ${familyId}`;
  const snr = trigger?.snr === undefined ? '' : `  SNR ${trigger.snr.toFixed(1)}`;
  const frequency =
    trigger?.peakFrequencyHz === undefined ? '' : `  ${Math.round(trigger.peakFrequencyHz)} Hz`;
  return (
    `${clockOf(assignment.assignedAtMs)}  ${trigger?.ifo ?? '??'}  ${assignment.glitchId.slice(0, 8)}  ` +
    `${family.padEnd(11)}  p(member) ${assignment.membershipProbability.toFixed(2)}  ` +
    `p(novelty) ${assignment.noveltyPValue.toFixed(3)}${snr}${frequency}`
  );
}
