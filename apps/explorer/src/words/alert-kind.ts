import type { Alert } from '../data/messages.js';

const titles: Readonly<Record<Exclude<Alert['kind'], 'drift'>, string>> = {
  'emergent-family': 'New morphology',
  outlier: 'Extreme outlier',
  burst: 'Burst of a known family',
  other: 'Novelty alert',
};

/** What an alert is about, in two words or five. */
export function alertTitle({ kind, drift }: Pick<Alert, 'kind' | 'drift'>): string {
  if (kind !== 'drift') return titles[kind];
  return drift?.cause === 'embedder' ? 'Embedder changed' : 'Detector changed';
}

/** "0.02 a day by chance"; an en dash where it was not counted. */
export function falseAlarmText(perDay: number): string {
  if (!(perDay > 0)) return '–';
  return perDay < 0.001
    ? 'below 0.001 a day by chance'
    : `${Number(perDay.toPrecision(2))} a day by chance`;
}
