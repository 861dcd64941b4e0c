import type { CollectedRun } from './collect.js';
import type { FamilyAgreement } from './summary.js';

type Cell = string | number | bigint | undefined;

/** RFC 4180: quotes where a comma, a quote or a line break asks for them. */
function csvCell(cell: Cell): string {
  const text = cell === undefined ? '' : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csvText(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return `${[header, ...rows].map((row) => row.map(csvCell).join(',')).join('\n')}\n`;
}

/** GPS seconds with nine decimals, exact. */
export function gpsSeconds(ns: bigint | undefined): string {
  if (ns === undefined) return '';
  const digits = ns.toString().padStart(10, '0');
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

/** One row per glitch; nothing in it depends on when the run was made. */
export function assignmentsCsv({ glitches }: CollectedRun): string {
  const header = [
    'row',
    'glitch_id',
    'ifo',
    'external_id',
    'peak_gps',
    'label',
    'family_id',
    'membership_probability',
    'outlier_score',
    'novelty_p_value',
    'map_x',
    'map_y',
    'model_version',
    'snr',
    'peak_frequency_hz',
    'duration_sec',
    'windows',
    'signal',
  ];
  const rows = glitches.map(({ assignment: a, windowsSec }, row) => [
    row,
    a.glitchId,
    a.trigger?.ifo,
    a.trigger?.externalId,
    gpsSeconds(a.trigger?.peakGpsNs),
    a.trigger?.label,
    a.familyId,
    a.membershipProbability,
    a.outlierScore,
    a.noveltyPValue,
    a.mapX,
    a.mapY,
    a.modelVersion,
    a.trigger?.snr,
    a.trigger?.peakFrequencyHz,
    a.trigger?.durationSec,
    windowsSec.join(' '),
    a.trigger?.signalName,
  ]);
  return csvText(header, rows);
}

export function familiesCsv(
  { families }: CollectedRun,
  agreement: ReadonlyMap<number, FamilyAgreement>,
): string {
  const header = [
    'family_id',
    'n_members',
    'persistence',
    'map_x',
    'map_y',
    'median_peak_frequency_hz',
    'median_snr',
    'median_duration_sec',
    'majority_label',
    'purity',
    'entropy',
    'ifos',
    'exemplar_glitch_ids',
  ];
  const rows = families.map((family) => {
    const match = agreement.get(family.familyId);
    return [
      family.familyId,
      family.nMembers,
      family.persistence,
      family.mapX,
      family.mapY,
      family.medianPeakFrequencyHz,
      family.medianSnr,
      family.medianDurationSec,
      match?.majorityLabel,
      match?.purity,
      match?.entropy,
      [...Object.keys(family.membersByIfo)].sort().join(' '),
      family.exemplarGlitchIds.join(' '),
    ];
  });
  return csvText(header, rows);
}
