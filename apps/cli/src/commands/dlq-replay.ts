import { type EventLog, type ReplayOutcome, replayDeadLetters } from '@glitchwatch/event-log';
import { Command } from 'commander';
import { utc } from '../dead-letters/letter-lines.js';
import { recordsIn, requireDeadLetterTopic } from '../dead-letters/topic-summary.js';
import { withLog } from '../dead-letters/with-log.js';
import { CliError } from '../errors.js';
import { printJson, printLine, say } from '../output.js';
import { startProgress } from '../progress.js';
import type { StoreFlags } from '../stores.js';
import { addLogOptions, noLetterAt, offsetsOption } from './dlq-options.js';

interface ReplayFlags extends StoreFlags {
  readonly offset?: readonly number[];
  readonly all?: boolean;
  readonly again?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly logLevel: string;
}

interface Tally {
  readonly topic: string;
  readonly dryRun: boolean;
  replayed: number;
  ready: number;
  skipped: number;
  failed: number;
}

/** Of each kind, so that a thousand letters do not fill the terminal. */
const LISTED = 20;

function outcomeLine(outcome: ReplayOutcome): string {
  const { letter } = outcome;
  const at = `offset ${letter.offset}`;
  switch (outcome.kind) {
    case 'replayed':
      return `${at}: replayed to ${outcome.to.topic}, partition ${outcome.to.partition}, offset ${outcome.to.offset}`;
    case 'ready':
      return `${at}: would go to ${letter.origin?.topic} (${letter.code}, tries so far: ${letter.tries})`;
    case 'skipped':
      return `${at}: was replayed ${utc(outcome.earlier.atMs)} to ${outcome.earlier.to}; --again repeats it`;
    case 'failed':
      return `${at}: cannot be replayed: ${outcome.message}`;
    default:
      return outcome satisfies never;
  }
}

function outcomeJson(outcome: ReplayOutcome): object {
  const { letter, kind } = outcome;
  const base = { offset: Number(letter.offset), outcome: kind };
  switch (outcome.kind) {
    case 'replayed':
      return { ...base, to: outcome.to };
    case 'ready':
      return { ...base, to: { topic: letter.origin?.topic } };
    case 'skipped':
      return { ...base, replayedAtMs: outcome.earlier.atMs, replayedTo: outcome.earlier.to };
    case 'failed':
      return { ...base, code: outcome.code, message: outcome.message };
    default:
      return outcome satisfies never;
  }
}

async function replay(
  log: EventLog,
  topic: string,
  { flags, signal }: { readonly flags: ReplayFlags; readonly signal: AbortSignal },
): Promise<Tally> {
  await requireDeadLetterTopic(log, topic);
  const { again, dryRun = false, json, offset } = flags;
  const only = offset === undefined ? undefined : new Set(offset.map(BigInt));
  const missing = new Set(offset);
  const tally: Tally = { topic, dryRun, replayed: 0, ready: 0, skipped: 0, failed: 0 };
  const progress = startProgress(
    'replaying',
    only?.size ?? (await recordsIn(log, topic)),
    'letters',
  );
  let done = 0;
  try {
    for await (const outcome of replayDeadLetters(log, topic, { only, again, dryRun, signal })) {
      tally[outcome.kind] += 1;
      missing.delete(Number(outcome.letter.offset));
      progress.update(++done);
      if (json) printJson(outcomeJson(outcome));
      else if (tally[outcome.kind] <= LISTED) printLine(outcomeLine(outcome));
      else if (tally[outcome.kind] === LISTED + 1)
        printLine(`… more that were ${outcome.kind}; --json lists them all`);
    }
  } finally {
    progress.stop();
    // Also when the log failed half-way: what was done is done.
    report(tally, json === true);
  }
  if (missing.size > 0 && !signal.aborted) throw noLetterAt(topic, [...missing]);
  return tally;
}

function report({ topic, dryRun, replayed, ready, skipped, failed }: Tally, json: boolean): void {
  if (json) {
    printJson({ topic, dryRun, replayed, ready, skipped, failed });
    return;
  }
  const done = dryRun ? `${ready} would be replayed` : `${replayed} replayed`;
  say(`${topic}: ${done}, ${skipped} skipped (replayed before), ${failed} cannot be replayed`);
}

async function runReplay(topic: string, flags: ReplayFlags, signal: AbortSignal): Promise<void> {
  if ((flags.offset === undefined) === (flags.all !== true)) {
    throw new CliError('bad_usage', 'expected either --offset N … or --all');
  }
  const tally = await withLog(flags, (log) => replay(log, topic, { flags, signal }));
  if (tally.failed > 0) process.exitCode = 1;
}

export function replayCommand(signal: AbortSignal): Command {
  const command = new Command('replay')
    .description('append the messages to their origin topics again, once the cause is mended')
    .argument('<topic>', 'for example glitch.triggers.embedder.dlq')
    .addOption(offsetsOption())
    .option('--all', 'every letter that was not replayed before')
    .option('--again', 'also those that were replayed before')
    .option('--dry-run', 'say what would be done, append nothing');
  return addLogOptions(command).action((topic: string, flags: ReplayFlags) =>
    runReplay(topic, flags, signal),
  );
}
