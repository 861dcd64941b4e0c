import { Trigger } from '@glitchwatch/proto';
import { IngestError } from '../errors.js';
import { parseGpsParts, parseGpsSeconds } from '../gps-time.js';
import { badField, quoted, validateTrigger } from '../validate-trigger.js';

/** Names that trigger tables give the same thing, the preferred one first. */
const synonyms = {
  ifo: ['ifo', 'detector'],
  channel: ['channel'],
  externalId: ['event_id', 'gravityspy_id', 'id'],
  label: ['label', 'category'],
  peakTime: ['peak_time'],
  peakTimeNs: ['peak_time_ns'],
  // Omicron's HDF5 and ROOT, Gravity Spy, ArchEnemy.
  time: ['time', 'event_time', 'gpstime', 'gps_time', 'gps', 'centre_time'],
  startTime: ['tstart'],
  endTime: ['tend'],
  lowHz: ['fstart'],
  highHz: ['fend'],
  snr: ['snr', 'original_snr'],
  peakFrequencyHz: ['peak_frequency', 'frequency', 'peak_freq', 'fringe_frequency'],
  centralFrequencyHz: ['central_freq', 'central_frequency'],
  bandwidthHz: ['bandwidth'],
  durationSec: ['duration', 'time_period'],
} as const;

type Field = keyof typeof synonyms;

/** What a table does not say, from its file's name or the command line. */
export interface TriggerDefaults {
  readonly file: string;
  readonly ifo?: string | undefined;
  readonly channel?: string | undefined;
}

/** Turns the cells of one row into a trigger. @throws IngestError naming the column. */
export type RowReader = (cells: readonly string[]) => Trigger;

/**
 * Finds the columns by name, in any order and case.
 * @throws IngestError `missing_column`: needed are a time, the SNR, and the detector
 *   unless it is known otherwise.
 */
export function createRowReader(header: readonly string[], defaults: TriggerDefaults): RowReader {
  const { file } = defaults;
  const names = header.map((name) => name.trim().toLowerCase());
  const columnOf = new Map<Field, number>();
  for (const [field, candidates] of Object.entries(synonyms) as [Field, readonly string[]][]) {
    const found = candidates.map((name) => names.indexOf(name)).find((index) => index >= 0);
    if (found !== undefined) columnOf.set(field, found);
  }
  const need = (isThere: boolean, field: Field): void => {
    if (!isThere) throw missingColumn(file, synonyms[field], header);
  };
  need(columnOf.has('time') || columnOf.has('peakTime'), 'time');
  need(columnOf.has('snr'), 'snr');
  need(columnOf.has('ifo') || defaults.ifo !== undefined, 'ifo');
  const used = new Set(columnOf.values());
  const extras = header.flatMap((name, index) =>
    used.has(index) || name.trim() === '' ? [] : [{ name: name.trim(), index }],
  );

  return (cells) => {
    if (cells.length !== header.length) {
      throw new IngestError(
        'bad_row',
        `Expected ${header.length} values, as there are columns; found ${cells.length}.`,
      );
    }
    const text = (field: Field): string => {
      const column = columnOf.get(field);
      return column === undefined ? '' : (cells[column] ?? '').trim();
    };
    const number = (field: Field): number | undefined => {
      const found = text(field);
      if (found === '') return undefined;
      const value = Number(found);
      if (Number.isFinite(value)) return value;
      throw badField(field, 'a finite number', quoted(found));
    };
    const snr = number('snr');
    if (snr === undefined) throw badField('snr', 'a number', 'an empty cell');
    const [from, to] = [number('startTime'), number('endTime')];
    const [low, high] = [number('lowHz'), number('highHz')];
    const extra = Object.fromEntries(
      extras
        .map(({ name, index }) => [name, (cells[index] ?? '').trim()] as const)
        .filter(([, value]) => value !== ''),
    );
    const trigger = Trigger.fromPartial({
      ifo: text('ifo') || (defaults.ifo ?? ''),
      channel: text('channel') || (defaults.channel ?? ''),
      externalId: text('externalId'),
      label: text('label'),
      peakGpsNs: peakTimeOf(text),
      source: 'triggers',
      snr,
      peakFrequencyHz: number('peakFrequencyHz'),
      centralFrequencyHz: number('centralFrequencyHz') ?? middle(low, high),
      bandwidthHz: number('bandwidthHz') ?? difference(low, high),
      durationSec: number('durationSec') ?? difference(from, to),
      extra,
    });
    validateTrigger(trigger);
    return trigger;
  };
}

/** Seconds and nanoseconds apart are exact and go before one rounded number. */
function peakTimeOf(text: (field: Field) => string): bigint {
  const [seconds, nanoseconds, time] = [text('peakTime'), text('peakTimeNs'), text('time')];
  const isSplit = seconds !== '' && nanoseconds !== '';
  const decimal = time || seconds;
  const found = isSplit ? parseGpsParts(seconds, nanoseconds) : parseGpsSeconds(decimal);
  if (found !== undefined) return found;
  throw isSplit
    ? badField(
        'peak_time, peak_time_ns',
        'whole GPS seconds and 0 to 999999999 ns',
        `${quoted(seconds)} and ${quoted(nanoseconds)}`,
      )
    : badField('time', 'GPS seconds as a decimal number', quoted(decimal));
}

function difference(low: number | undefined, high: number | undefined): number | undefined {
  return low === undefined || high === undefined ? undefined : high - low;
}

function middle(low: number | undefined, high: number | undefined): number | undefined {
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

function missingColumn(
  file: string,
  [column = '', ...others]: readonly string[],
  header: readonly string[],
): IngestError {
  const also = others.length === 0 ? '' : ` (or ${others.join(', ')})`;
  const found = header.length === 0 ? 'none' : header.map((name) => name || '(no name)').join(', ');
  return new IngestError(
    'missing_column',
    `${file} has no column ${column}${also}. Columns found: ${found}.`,
    { file, field: column },
  );
}
