import type { Trigger } from '@glitchwatch/proto';
import { IngestError } from './errors.js';
import { MAX_GPS_NS } from './gps-time.js';

/** LIGO Hanford, LIGO Livingston, Virgo, KAGRA, GEO600. */
export const KNOWN_DETECTORS: readonly string[] = ['H1', 'L1', 'V1', 'K1', 'G1'];

const MAX_NAME_CHARS = 256;
const MAX_EXTRA_FIELDS = 256;
const MAX_EXTRA_CHARS = 4096;

const numberFields = [
  'snr',
  'peakFrequencyHz',
  'centralFrequencyHz',
  'bandwidthHz',
  'durationSec',
] as const satisfies readonly (keyof Trigger)[];

/** @throws IngestError naming the field, what was expected and what was found. */
export function validateTrigger(trigger: Trigger): void {
  checkDetector(trigger.ifo);
  const { peakGpsNs } = trigger;
  if (peakGpsNs !== undefined && (peakGpsNs < 0n || peakGpsNs > MAX_GPS_NS)) {
    throw badField('peakGpsNs', 'nanoseconds since 1980-01-06, not negative', String(peakGpsNs));
  }
  if (peakGpsNs === undefined && trigger.externalId === '') {
    throw new IngestError(
      'missing_identity',
      'A trigger needs a peak time (peakGpsNs) or an externalId; found neither.',
      { field: 'peakGpsNs' },
    );
  }
  for (const field of numberFields) checkNumber(field, trigger[field]);
  for (const field of ['channel', 'externalId', 'label', 'source'] as const) {
    checkLength(field, trigger[field], MAX_NAME_CHARS);
  }
  checkExtra(trigger.extra);
}

function checkDetector(ifo: string): void {
  if (KNOWN_DETECTORS.includes(ifo)) return;
  throw new IngestError(
    'unknown_detector',
    `Unknown detector: expected one of ${KNOWN_DETECTORS.join(', ')}; found ${quoted(ifo)}.`,
    { field: 'ifo' },
  );
}

/** Absent, or finite and not negative. */
function checkNumber(field: string, value: number | undefined): void {
  if (value === undefined) return;
  if (!Number.isFinite(value)) throw badField(field, 'a finite number', String(value));
  if (value < 0) throw badField(field, 'a number that is not negative', String(value));
}

function checkExtra(extra: Trigger['extra']): void {
  const entries = Object.entries(extra);
  if (entries.length > MAX_EXTRA_FIELDS) {
    throw badField('extra', `at most ${MAX_EXTRA_FIELDS} fields`, String(entries.length));
  }
  for (const [key, value] of entries) {
    checkLength('extra', key, MAX_NAME_CHARS);
    checkLength(`extra.${key}`, value, MAX_EXTRA_CHARS);
  }
}

function checkLength(field: string, text: string, maxChars: number): void {
  if (text.length > maxChars) {
    throw badField(field, `at most ${maxChars} characters`, String(text.length));
  }
}

export function badField(field: string, expected: string, found: string): IngestError {
  return new IngestError('bad_field', `Bad ${field}: expected ${expected}; found ${found}.`, {
    field,
  });
}

/** Text of unknown origin inside a message: quoted and cut. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
