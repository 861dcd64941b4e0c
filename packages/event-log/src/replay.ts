import {
  type DeadLetter,
  deadLetterHeaders,
  placeText,
  type ReplayMarker,
  readDeadLetterTopic,
  replayMarkerOf,
} from './dead-letters.js';
import { EventLogError } from './errors.js';
import { checkRecordSize } from './limits.js';
import type { EventLog, LogRecord, OutgoingRecord, RecordPosition } from './port.js';

export interface ReplayOptions {
  /** Offsets of the letters; all of them when absent. */
  readonly only?: ReadonlySet<bigint> | undefined;
  /** Replays what was replayed before, too. */
  readonly again?: boolean | undefined;
  /** Looks, appends nothing. */
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What came of one letter. */
export type ReplayOutcome = { readonly letter: DeadLetterSummary } & (
  | { readonly kind: 'replayed'; readonly to: RecordPosition }
  /** Only in a dry run. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'skipped'; readonly earlier: ReplayMarker }
  | { readonly kind: 'failed'; readonly code: ReplayFailure; readonly message: string }
);

export type ReplayFailure =
  /** It was refused before it was in the log: nobody knows where it belongs. */
  | 'no_origin'
  /** Its headers stayed at the origin, and that record is not kept any more. */
  | 'origin_gone'
  | 'unknown_topic'
  | 'record_too_large';

/** A letter without its value. */
export interface DeadLetterSummary {
  readonly offset: bigint;
  readonly code: string;
  readonly origin: RecordPosition | undefined;
  readonly tries: number;
}

/** Of one append; letters may have a megabyte each. */
const CHUNK_RECORDS = 32;
const CHUNK_BYTES = 4 * 2 ** 20;

interface Prepared {
  readonly letter: DeadLetterSummary;
  readonly message: OutgoingRecord;
}

/**
 * Appends the messages of a dead-letter topic to their origin topics again, with
 * their own key, value and headers (so their event id too: whoever had processed
 * one knows it), and marks each letter in the dead-letter topic. The marker is
 * written after the message: a crash in between lets a later replay repeat it,
 * and loses nothing. Letters that come meanwhile wait for the next replay.
 *
 * @throws EventLogError `unknown_topic` for the dead-letter topic itself, and where
 *   the log takes nothing at present; what was yielded by then stays done.
 */
export async function* replayDeadLetters(
  log: EventLog,
  topic: string,
  options: ReplayOptions = {},
): AsyncGenerator<ReplayOutcome> {
  const { only, again = false, dryRun = false, signal } = options;
  const { markers, end } = await markersOf(log, topic, signal);
  const topics = new Set(await log.topics());
  let chunk: Prepared[] = [];
  let bytes = 0;
  for await (const entry of readDeadLetterTopic(log, topic, { signal, from: smallest(only) })) {
    if (entry.kind !== 'letter') continue;
    const letter = summaryOf(entry.letter);
    if (letter.offset >= end) break;
    if (only !== undefined && !only.has(letter.offset)) continue;
    const earlier = markers.get(letter.offset);
    if (earlier !== undefined && !again) {
      yield { kind: 'skipped', letter, earlier };
      continue;
    }
    const prepared = await prepare(log, { topic, topics, letter: entry.letter });
    if ('kind' in prepared) yield prepared;
    else if (dryRun) yield { kind: 'ready', letter };
    else {
      chunk.push(prepared);
      bytes += prepared.message.value.byteLength;
      if (chunk.length < CHUNK_RECORDS && bytes < CHUNK_BYTES) continue;
      yield* await send(log, topic, chunk);
      chunk = [];
      bytes = 0;
    }
    if (signal?.aborted) return;
  }
  if (!signal?.aborted) yield* await send(log, topic, chunk);
}

async function markersOf(log: EventLog, topic: string, signal: AbortSignal | undefined) {
  const markers = new Map<bigint, ReplayMarker>();
  const end = (await log.offsets(topic))[0]?.high ?? 0n;
  for await (const entry of readDeadLetterTopic(log, topic, { signal })) {
    if (entry.kind === 'replayed') markers.set(entry.marker.offset, entry.marker);
  }
  return { markers, end };
}

interface LetterInPlace {
  readonly topic: string;
  readonly topics: ReadonlySet<string>;
  readonly letter: DeadLetter;
}

async function prepare(
  log: EventLog,
  { topic, topics, letter }: LetterInPlace,
): Promise<Prepared | Extract<ReplayOutcome, { kind: 'failed' }>> {
  const summary = summaryOf(letter);
  const failed = (code: ReplayFailure, message: string) =>
    ({ kind: 'failed', letter: summary, code, message }) as const;
  const { origin, record, tries } = letter;
  // The name is checked too: a forged header must not lead into a topic of others.
  if (origin === undefined || !topic.startsWith(`${origin.topic}.`)) {
    return failed(
      'no_origin',
      `it was refused before it was in the log (origin: ${record.headers.origin ?? 'unknown'}); hand it in again at its source`,
    );
  }
  if (!topics.has(origin.topic))
    return failed('unknown_topic', `its origin topic ${origin.topic} does not exist any more`);
  const original =
    record.headers[deadLetterHeaders.leftAtOrigin] === 'true'
      ? await originalOf(log, origin, record)
      : record;
  if (original === undefined) {
    return failed(
      'origin_gone',
      `its headers did not fit the letter and ${placeText(origin)} is not kept any more`,
    );
  }
  const message: OutgoingRecord = {
    topic: origin.topic,
    key: original.key,
    value: record.value,
    headers: {
      ...ownHeaders(original.headers),
      [deadLetterHeaders.tries]: String(tries),
      [deadLetterHeaders.replayedFrom]: placeText(record),
    },
  };
  try {
    checkRecordSize(message);
  } catch (error) {
    if (!(error instanceof EventLogError) || error.code !== 'record_too_large') throw error;
    return failed('record_too_large', error.message);
  }
  return { letter: summary, message };
}

async function originalOf(
  log: EventLog,
  origin: RecordPosition,
  record: LogRecord,
): Promise<LogRecord | undefined> {
  const [found] = await log.read(origin.topic, origin.partition, origin.offset, 1);
  if (found?.offset !== origin.offset) return undefined;
  return Buffer.compare(found.value, record.value) === 0 ? found : undefined;
}

const ours: ReadonlySet<string> = new Set(Object.values(deadLetterHeaders));

function ownHeaders(headers: LogRecord['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ours.has(name)));
}

/** Messages first, their markers when those are durable. */
async function send(
  log: EventLog,
  topic: string,
  chunk: readonly Prepared[],
): Promise<ReplayOutcome[]> {
  const places = await log.append(chunk.map(({ message }) => message));
  await log.append(
    chunk.map(({ letter }, index) => replayMarkerOf(topic, letter.offset, places[index]!)),
  );
  return chunk.map(({ letter }, index) => ({ kind: 'replayed', letter, to: places[index]! }));
}

function summaryOf({ record, code, origin, tries }: DeadLetter): DeadLetterSummary {
  return { offset: record.offset, code, origin, tries };
}

function smallest(offsets: ReadonlySet<bigint> | undefined): bigint {
  let least: bigint | undefined;
  for (const offset of offsets ?? []) if (least === undefined || offset < least) least = offset;
  return least ?? 0n;
}
