import { type Alert, AlertKind, AlertState, type Assignment } from '@glitchwatch/proto';

const stateNames: Readonly<Record<number, string>> = {
  [AlertState.ALERT_STATE_OPEN]: 'OPEN',
  [AlertState.ALERT_STATE_UPDATED]: 'UPDATED',
  [AlertState.ALERT_STATE_ACKNOWLEDGED]: 'ACKNOWLEDGED',
  [AlertState.ALERT_STATE_MUTED]: 'MUTED',
  [AlertState.ALERT_STATE_RESOLVED]: 'RESOLVED',
};

/** Kinds of alert by the names that lines and `--kind` know them by. */
export const alertKinds = {
  emergent: AlertKind.ALERT_KIND_EMERGENT_FAMILY,
  outlier: AlertKind.ALERT_KIND_OUTLIER,
  burst: AlertKind.ALERT_KIND_BURST,
  drift: AlertKind.ALERT_KIND_DRIFT,
} as const;
export type AlertKindName = keyof typeof alertKinds;
export const alertKindNames = Object.keys(alertKinds) as AlertKindName[];

const clockOf = (ms: bigint) => new Date(Number(ms)).toISOString().slice(11, 19);

/** One alert revision as a terminal line. */
export function alertLine(alert: Alert): string {
  const state = (stateNames[alert.state] ?? 'UNKNOWN').padEnd(8);
  const named = alertKindNames.find((name) => alertKinds[name] === alert.kind);
  const kind = (named ?? 'other').padEnd(8);
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
