import { Command, Option } from 'commander';
import { letterLines, summaryLines } from '../dead-letters/letter-lines.js';
import { readLetters } from '../dead-letters/read-letters.js';
import {
  ownDeadLetterTopics,
  recordsIn,
  requireDeadLetterTopic,
  summarise,
  type TopicSummary,
} from '../dead-letters/topic-summary.js';
import { withLog } from '../dead-letters/with-log.js';
import { wholeNumber } from '../options.js';
import { printJson, printLine, say } from '../output.js';
import { startProgress } from '../progress.js';
import type { StoreFlags } from '../stores.js';
import { addLogOptions, noLetterAt, offsetsOption } from './dlq-options.js';
import { replayCommand } from './dlq-replay.js';

interface ListFlags extends StoreFlags {
  readonly json?: boolean;
  readonly logLevel: string;
}

interface ShowFlags extends ListFlags {
  readonly offset?: readonly number[];
  readonly limit: number;
}

async function runList(flags: ListFlags, signal: AbortSignal): Promise<void> {
  const summaries = await withLog(flags, async (log) => {
    const topics = await ownDeadLetterTopics(log);
    let total = 0;
    for (const { name } of topics) total += await recordsIn(log, name);
    const progress = startProgress('reading', total, 'records');
    let read = 0;
    const onRecord = (): void => progress.update(++read);
    const found: TopicSummary[] = [];
    try {
      for (const topic of topics) found.push(await summarise(log, topic, { signal, onRecord }));
    } finally {
      progress.stop();
    }
    return found;
  });
  signal.throwIfAborted();
  if (flags.json) printJson(summaries);
  else if (summaries.length === 0)
    say('no dead-letter topic: nothing has failed, or no service has run yet');
  else for (const line of summaryLines(summaries)) printLine(line);
}

async function runShow(topic: string, flags: ShowFlags, signal: AbortSignal): Promise<void> {
  const wanted = flags.offset === undefined ? undefined : new Set(flags.offset);
  const views = await withLog(flags, async (log) => {
    await requireDeadLetterTopic(log, topic);
    const progress = startProgress('reading', await recordsIn(log, topic), 'records');
    let read = 0;
    const onRecord = (): void => progress.update(++read);
    try {
      return await readLetters(log, topic, {
        offsets: wanted,
        limit: flags.limit,
        signal,
        onRecord,
      });
    } finally {
      progress.stop();
    }
  });
  signal.throwIfAborted();
  if (flags.json) printJson(views);
  else for (const view of views) for (const line of letterLines(view)) printLine(line);
  const found = new Set(views.map(({ offset }) => offset));
  const missing = [...(wanted ?? [])].filter((offset) => !found.has(offset));
  if (missing.length > 0) throw noLetterAt(topic, missing);
  if (views.length === 0 && !flags.json) say(`${topic} holds no letters`);
}

export function dlqCommand(signal: AbortSignal): Command {
  const list = new Command('list').description(
    'dead-letter topics: how many letters, the newest, counts by error code',
  );
  const show = new Command('show')
    .description('letters of one topic: error, origin, headers, what can be decoded')
    .argument('<topic>', 'for example glitch.triggers.embedder.dlq')
    .addOption(offsetsOption())
    .addOption(
      new Option('--limit <n>', 'how many of the newest')
        .default(20)
        .argParser(wholeNumber(1, 100_000)),
    );
  return new Command('dlq')
    .description('messages that could not be processed: list, show, replay')
    .addCommand(addLogOptions(list).action((flags: ListFlags) => runList(flags, signal)))
    .addCommand(
      addLogOptions(show).action((topic: string, flags: ShowFlags) =>
        runShow(topic, flags, signal),
      ),
    )
    .addCommand(replayCommand(signal));
}
