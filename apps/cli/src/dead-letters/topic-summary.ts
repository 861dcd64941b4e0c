import { type EventLog, findDeadLetterTopics, readDeadLetterTopic } from '@glitchwatch/event-log';
import { topicLayouts } from '@glitchwatch/proto';
import { CliError } from '../errors.js';

/** Counts of one dead-letter topic. */
export interface TopicSummary {
  readonly topic: string;
  readonly origin: string;
  readonly group: string;
  readonly count: number;
  /** Of those, how many have been replayed. */
  readonly replayed: number;
  /** When the newest failed; null where there is none. */
  readonly newestMs: number | null;
  readonly codes: Readonly<Record<string, number>>;
}

/** Those of Glitchwatch's own topics: a Kafka may hold others, too. */
export async function ownDeadLetterTopics(log: EventLog) {
  const own: ReadonlySet<string> = new Set(topicLayouts.map(({ name }) => name));
  return (await findDeadLetterTopics(log)).filter(({ origin }) => own.has(origin));
}

/** @throws CliError `unknown_topic`, naming those that there are. */
export async function requireDeadLetterTopic(log: EventLog, name: string): Promise<void> {
  const names = (await ownDeadLetterTopics(log)).map((topic) => topic.name);
  if (names.includes(name)) return;
  throw new CliError(
    'unknown_topic',
    `expected a dead-letter topic (${names.join(', ') || 'there is none'}), found "${name}"`,
  );
}

/** How many records a topic holds, letters and markers together: for progress. */
export async function recordsIn(log: EventLog, topic: string): Promise<number> {
  const partitions = await log.offsets(topic);
  return partitions.reduce((sum, { low, high }) => sum + Number(high - low), 0);
}

export async function summarise(
  log: EventLog,
  {
    name,
    origin,
    groupId,
  }: { readonly name: string; readonly origin: string; readonly groupId: string },
  { signal, onRecord }: { readonly signal: AbortSignal; readonly onRecord: () => void },
): Promise<TopicSummary> {
  let count = 0;
  let newestMs: number | null = null;
  const codes = new Map<string, number>();
  const replayed = new Set<bigint>();
  for await (const entry of readDeadLetterTopic(log, name, { signal })) {
    onRecord();
    if (entry.kind === 'replayed') {
      replayed.add(entry.marker.offset);
      continue;
    }
    const { code, record } = entry.letter;
    count += 1;
    newestMs = Math.max(newestMs ?? 0, record.timestampMs);
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  const byCount = [...codes].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return {
    topic: name,
    origin,
    group: groupId,
    count,
    replayed: replayed.size,
    newestMs,
    codes: Object.fromEntries(byCount),
  };
}
