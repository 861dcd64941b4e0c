import { Trigger } from '@glitchwatch/proto';
import { IngestError } from '../errors.js';
import { parseGpsParts, parseGpsSeconds } from '../gps-time.js';
import { badField, quoted, validateTrigger } from '../validate-trigger.js';
import type { MetadataColumns, MetadataField } from './metadata-columns.js';

const numberFields = [
  'snr',
  'peakFrequencyHz',
  'centralFrequencyHz',
  'bandwidthHz',
  'durationSec',
] as const satisfies readonly MetadataField[];

/**
 * One CSV row as a trigger. An empty cell is an absent value; "nan" is not.
 * @throws IngestError naming the column, what was expected and what was found.
 */
export function triggerOfRow(cells: readonly string[], columns: MetadataColumns): Trigger {
  const { columnOf, header } = columns;
  if (cells.length !== header.length) {
    throw new IngestError(
      'bad_row',
      `Expected ${header.length} values, as in the header; found ${cells.length}.`,
    );
  }
  const text = (field: MetadataField): string => {
    const column = columnOf[field];
    return column === undefined ? '' : (cells[column] ?? '').trim();
  };
  const externalId = text('externalId');
  if (externalId === '') throw badField('gravityspy_id', 'a name', 'an empty cell');
  const trigger = Trigger.fromPartial({
    ifo: text('ifo'),
    externalId,
    channel: text('channel'),
    label: text('label'),
    source: 'images',
    extra: extraOf(cells, columns),
  });
  const peakGpsNs = peakTimeOf(text);
  if (peakGpsNs !== undefined) trigger.peakGpsNs = peakGpsNs;
  for (const field of numberFields) {
    const value = numberOf(field, text(field));
    if (value !== undefined) trigger[field] = value;
  }
  validateTrigger(trigger);
  return trigger;
}

/** peak_time with peak_time_ns is exact and goes before the rounded event_time. */
function peakTimeOf(text: (field: MetadataField) => string): bigint | undefined {
  const [seconds, nanoseconds, event] = [text('peakTime'), text('peakTimeNs'), text('eventTime')];
  if (seconds !== '' && nanoseconds !== '') {
    const found = `${quoted(seconds)} and ${quoted(nanoseconds)}`;
    return required(
      parseGpsParts(seconds, nanoseconds),
      badField('peak_time, peak_time_ns', 'whole GPS seconds and 0 to 999999999 ns', found),
    );
  }
  const [column, decimal] = event === '' ? ['peak_time', seconds] : ['event_time', event];
  if (decimal === '') return undefined;
  return required(
    parseGpsSeconds(decimal),
    badField(column, 'GPS seconds as a decimal number', quoted(decimal)),
  );
}

function required(value: bigint | undefined, error: IngestError): bigint {
  if (value === undefined) throw error;
  return value;
}

function numberOf(field: (typeof numberFields)[number], text: string): number | undefined {
  if (text === '') return undefined;
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw badField(field, 'a finite number', quoted(text));
}

function extraOf(cells: readonly string[], { extra }: MetadataColumns): Record<string, string> {
  const entries = extra.map(({ name, column }) => [name, cells[column] ?? ''] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== ''));
}
