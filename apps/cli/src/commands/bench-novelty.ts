import { simulatorClasses } from '@glitchwatch/simulator';
import { Command, InvalidArgumentError, Option } from 'commander';
import { openEmbeddingPool } from '../bench/embedding-pool.js';
import { benchNovelty, type NoveltyBenchResult } from '../bench/novelty-bench.js';
import {
  printNoveltySummary,
  printQuietMonth,
  printUniformity,
  printWithheld,
} from '../bench/novelty-report.js';
import { CliError } from '../errors.js';
import { jsonOption, modelOptions, poolOptions, realNumber, wholeNumber } from '../options.js';
import { printJson } from '../output.js';
import { startProgress } from '../progress.js';

interface NoveltyFlags {
  readonly perClass: number;
  readonly fitPerClass: number;
  readonly months: number;
  readonly quietDays: number;
  readonly quietRate: number;
  readonly withhold?: readonly string[];
  readonly days: number;
  readonly rate: number;
  readonly seed: number;
  readonly pool: string;
  readonly threads: number;
  readonly embedder: string;
  readonly json?: boolean;
}

const SECONDS_PER_DAY = 86_400;

async function runNoveltyBench(flags: NoveltyFlags, signal: AbortSignal): Promise<void> {
  const { perClass, fitPerClass, seed, embedder, threads, json, ...sizes } = flags;
  if (fitPerClass >= perClass)
    throw new CliError(
      'bad_usage',
      `--fit-per-class: expected fewer than --per-class ${perClass}, found ${fitPerClass}`,
    );
  const progress = startProgress('embed', perClass);
  const pool = await openEmbeddingPool({
    dir: flags.pool,
    perClass,
    seed,
    embedder,
    threads,
    signal,
    onProgress: (done, total) => progress.update(done, total),
  }).finally(() => progress.stop());
  const withhold = flags.withhold ?? pool.classes;
  let withheld = 0;
  const options = {
    pool,
    fitPerClass,
    seed,
    months: sizes.months,
    quietDays: sizes.quietDays,
    quietPerDay: sizes.quietRate * SECONDS_PER_DAY,
    withhold,
    days: sizes.days,
    perDay: sizes.rate * SECONDS_PER_DAY,
    signal,
    startProgress,
  };
  const result: NoveltyBenchResult = await benchNovelty(options, {
    onUniformity: (found) => json || printUniformity(found),
    onQuiet: (found) => json || printQuietMonth(found),
    onWithheld: (found) => json || printWithheld(found, withheld++ === 0),
  });
  if (json) printJson(result);
  else printNoveltySummary(result);
}

function kindNames(text: string): readonly string[] {
  if (text === 'none') return [];
  const names = text.split(',');
  const known: readonly string[] = simulatorClasses;
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`expected kinds of ${known.join(', ')}; found ${unknown}`);
  return names;
}

/** `bench novelty`. */
export function benchNoveltyCommand(signal: AbortSignal): Command {
  const [embedder] = modelOptions();
  const command = new Command('novelty')
    .description(
      'uniformity of p-values, false alarms a day and how soon a withheld kind is found, beside counting what no family took; at simulated times',
    )
    .addOption(
      new Option('--per-class <n>', 'simulated glitches of each of the 24 kinds')
        .default(160)
        .argParser(wholeNumber(40)),
    )
    .addOption(
      new Option('--fit-per-class <n>', 'of them in the model; the others are held out')
        .default(80)
        .argParser(wholeNumber(10)),
    )
    .addOption(
      new Option('--months <n>', 'quiet months, each with other glitches')
        .default(1)
        .argParser(wholeNumber(0, 1_000)),
    )
    .addOption(
      new Option('--quiet-days <d>', 'days of a quiet month')
        .default(30)
        .argParser(wholeNumber(1, 366)),
    )
    .addOption(
      new Option('--quiet-rate <r>', 'glitches per second in a quiet month')
        .default(1 / 60, '1/60')
        .argParser(realNumber(1e-4, 100)),
    )
    .addOption(
      new Option('--withhold <kinds>', 'kinds to withhold, A,B; or none')
        .default(undefined, 'each of the 24 in turn')
        .argParser(kindNames),
    )
    .addOption(
      new Option('--days <d>', 'days of each run with a kind withheld')
        .default(0.2)
        .argParser(realNumber(0.2, 60)),
    )
    .addOption(
      new Option('--rate <r>', 'glitches of known kinds per second in them')
        .default(1)
        .argParser(realNumber(1e-3, 100)),
    )
    .addOption(new Option('--seed <seed>').default(1).argParser(wholeNumber(0)));
  for (const option of poolOptions()) command.addOption(option);
  if (embedder) command.addOption(embedder);
  return command
    .addOption(jsonOption())
    .action((flags: NoveltyFlags) => runNoveltyBench(flags, signal));
}
