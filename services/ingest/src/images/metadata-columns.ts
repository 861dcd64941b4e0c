import { IngestError } from '../errors.js';

/** Names that Gravity Spy tables give the same thing, the preferred one first. */
const synonyms = {
  externalId: ['gravityspy_id', 'gravityspyid', 'uniqueid'],
  ifo: ['ifo', 'detector'],
  label: ['label', 'ml_label'],
  eventTime: ['event_time', 'gpstime', 'gps_time'],
  peakTime: ['peak_time'],
  peakTimeNs: ['peak_time_ns'],
  peakFrequencyHz: ['peak_frequency', 'peak_freq', 'peakfreq'],
  centralFrequencyHz: ['central_freq', 'central_frequency'],
  bandwidthHz: ['bandwidth'],
  durationSec: ['duration'],
  snr: ['snr'],
  channel: ['channel'],
} as const;

export type MetadataField = keyof typeof synonyms;

const needed: readonly MetadataField[] = ['externalId', 'ifo'];

export interface MetadataColumns {
  /** Names as they stand in the file. */
  readonly header: readonly string[];
  readonly columnOf: Readonly<Partial<Record<MetadataField, number>>>;
  /** Columns without a field of their own; a column without a name (a written row index) is none. */
  readonly extra: readonly { readonly name: string; readonly column: number }[];
}

/**
 * Finds the columns by name, in any order and case.
 * @throws IngestError `missing_column` naming file, column and the columns found.
 */
export function findColumns(header: readonly string[], file: string): MetadataColumns {
  const names = header.map((name) => name.trim().toLowerCase());
  const columnOf: Partial<Record<MetadataField, number>> = {};
  for (const [field, candidates] of Object.entries(synonyms) as [
    MetadataField,
    readonly string[],
  ][]) {
    const found = candidates.map((name) => names.indexOf(name)).find((column) => column >= 0);
    if (found !== undefined) columnOf[field] = found;
    else if (needed.includes(field)) throw missingColumn(file, candidates, header);
  }
  const used = new Set(Object.values(columnOf));
  const extra = header.flatMap((name, column) =>
    used.has(column) || name.trim() === '' ? [] : [{ name: name.trim(), column }],
  );
  return { header, columnOf, extra };
}

function missingColumn(
  file: string,
  candidates: readonly string[],
  header: readonly string[],
): IngestError {
  const [column = '', ...others] = candidates;
  const also = others.length === 0 ? '' : ` (or ${others.join(', ')})`;
  const found = header.length === 0 ? 'none' : header.map((name) => name || '(no name)').join(', ');
  return new IngestError(
    'missing_column',
    `${file} has no column ${column}${also}. Columns found: ${found}.`,
    { file, field: column },
  );
}
