import { type Alert, AlertKind, AlertState, gpsNsToUnixMs } from '@glitchwatch/proto';
import { clockTime } from './utc.js';

/**
 * The alert in one sentence, for example "5 glitches unlike any family, around
 * 620 Hz, in H1 and L1 since 03:12 UTC; nearest family 4 (distance 0.31)".
 */
export function summarySentence(alert: Alert): string {
  const parts = [headline(alert)];
  if (alert.peakFrequencyHz !== undefined)
    parts.push(`around ${threeDigits(alert.peakFrequencyHz.median)} Hz`);
  const sinceMs =
    alert.sinceGpsNs === undefined ? Number(alert.firstSeenMs) : gpsNsToUnixMs(alert.sinceGpsNs);
  const detectors = Object.keys(alert.membersByIfo);
  const where = detectors.length === 0 ? '' : `in ${joined(detectors)} `;
  parts.push(`${where}since ${clockTime(sinceMs, Number(alert.updatedAtMs))}`);
  return parts.join(', ') + nearest(alert);
}

function headline(alert: Alert): string {
  const noun = alert.count === 1n ? 'glitch' : 'glitches';
  const isOver = alert.state === AlertState.ALERT_STATE_RESOLVED;
  if (alert.kind === AlertKind.ALERT_KIND_BURST) return burst(alert, isOver);
  if (alert.kind === AlertKind.ALERT_KIND_OUTLIER)
    return `${alert.count} ${noun} further from every family than chance allows`;
  if (!isOver) return `${alert.count} ${noun} unlike any family`;
  return `${alert.count} ${noun} that are now family ${alert.resolvedFamilyId ?? -1}`;
}

function burst({ count, familyId, ratePerHour, expectedPerHour }: Alert, isOver: boolean): string {
  const often = `${threeDigits(ratePerHour)} per hour, ${threeDigits(expectedPerHour)} expected`;
  return `Burst of family ${familyId ?? -1}${isOver ? ' over' : ''}: ${count} glitches, ${often}`;
}

function nearest(alert: Alert): string {
  const family = alert.nearestFamilies[0];
  if (family === undefined || alert.kind === AlertKind.ALERT_KIND_BURST) return '';
  if (alert.state === AlertState.ALERT_STATE_RESOLVED) return '';
  return `; nearest family ${family.familyId} (distance ${family.distance.toFixed(2)})`;
}

function joined(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

function threeDigits(value: number): string {
  return String(Number(value.toPrecision(value < 1_000 ? 3 : 4)));
}
