import { Command, Option } from 'commander';
import { openEmbeddingPool } from '../bench/embedding-pool.js';
import { benchNovelty, type NoveltyBenchResult } from '../bench/novelty-bench.js';
import { printNoveltyResult } from '../bench/novelty-report.js';
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
  const result: NoveltyBenchResult = await benchNovelty({
    pool,
    fitPerClass,
    seed,
    months: sizes.months,
    quietDays: sizes.quietDays,
    quietPerDay: sizes.quietRate * SECONDS_PER_DAY,
    days: sizes.days,
    perDay: sizes.rate * SECONDS_PER_DAY,
    signal,
    startProgress: (label, total) => startProgress(label, total, 'done'),
  });
  if (json) printJson(result);
  else printNoveltyResult(result);
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
      new Option('--months <n>', 'quiet months').default(1).argParser(wholeNumber(1, 1_000)),
    )
    .addOption(
      new Option('--quiet-days <d>', 'days of a quiet month')
        .default(30)
        .argParser(wholeNumber(1, 366)),
    )
    .addOption(
      new Option('--quiet-rate <r>', 'glitches per second in a quiet month')
        .default(1)
        .argParser(realNumber(1e-4, 100)),
    )
    .addOption(
      new Option('--days <d>', 'days of each run with a kind withheld')
        .default(1)
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
