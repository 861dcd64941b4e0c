import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { benchReplay, type ReplayBenchResult, type ReplayFigures } from '../bench/replay-bench.js';
import { CliError } from '../errors.js';
import { jsonOption, modelOptions, poolOptions, wholeNumber } from '../options.js';
import { printJson, printLine } from '../output.js';
import { startProgress } from '../progress.js';

interface ReplayFlags {
  readonly glitches: number;
  readonly refits: number;
  readonly replays: number;
  readonly kills: number;
  readonly seed: number;
  readonly synthetic?: boolean;
  readonly pool: string;
  readonly threads: number;
  readonly embedder: string;
  readonly json?: boolean;
}

function printResult({ machine, glitches, models, recorded, ...replays }: ReplayBenchResult): void {
  printLine(machine);
  printLine(`${glitches} glitches, ${models} models, ${recorded.assignments} assignments`);
  const row = (cells: readonly string[]) =>
    printLine(
      cells
        .map((cell, i) => (i === 0 ? cell.padEnd(12) : cell.padStart(i === 1 ? 66 : 12)))
        .join(''),
    );
  row(['', 'sha256 of the assignments', 'identical', 'repeated', 'kills', 's', '/s', 'ratio']);
  row(['recorded', recorded.sha256, '', String(recorded.repeated)]);
  const figures = (name: string, result: ReplayFigures) =>
    row([
      name,
      result.digest.sha256,
      result.isIdentical ? 'yes' : 'NO',
      String(result.digest.repeated),
      String(result.kills),
      result.seconds.toFixed(2),
      result.assignmentsPerSec.toFixed(0),
      result.ratio.toFixed(2),
    ]);
  figures('undisturbed', replays.undisturbed);
  for (const [n, result] of replays.disturbed.entries()) figures(`killed ${n + 1}`, result);
}

async function runReplayBench(flags: ReplayFlags, signal: AbortSignal): Promise<void> {
  const workDir = await mkdtemp(join(tmpdir(), 'glitchwatch-bench-'));
  const progress = startProgress('embed', flags.glitches);
  try {
    const { pool: dir, embedder, threads, synthetic, ...rest } = flags;
    const onProgress = (done: number, total: number) => progress.update(done, total);
    const pool = synthetic ? undefined : { dir, embedder, threads, onProgress };
    const result = await benchReplay({ ...rest, pool, workDir, signal });
    if (flags.json) printJson(result);
    else printResult(result);
    const different = [result.undisturbed, ...result.disturbed].filter((one) => !one.isIdentical);
    if (different.length > 0)
      throw new CliError(
        'pipeline_failed',
        `expected the assignments of the recording in every replay, found others in ${different.length}`,
      );
  } finally {
    progress.stop();
    await rm(workDir, { recursive: true, force: true });
  }
}

/** `bench replay`. */
export function benchReplayCommand(signal: AbortSignal): Command {
  const [embedder] = modelOptions();
  const command = new Command('replay')
    .description(
      'a recorded log replayed undisturbed and with clusterer processes killed: the same assignments, bit for bit',
    )
    .addOption(
      new Option('-n, --glitches <n>', 'glitches of the recording')
        .default(1_200)
        .argParser(wholeNumber(80)),
    )
    .addOption(
      new Option('--refits <n>', 'models after the first').default(2).argParser(wholeNumber(0, 4)),
    )
    .addOption(
      new Option('--replays <k>', 'replays with kills').default(3).argParser(wholeNumber(1)),
    )
    .addOption(
      new Option('--kills <n>', 'at least so many in each, at seeded moments of the work')
        .default(8)
        .argParser(wholeNumber(1)),
    )
    .addOption(new Option('--seed <seed>').default(1).argParser(wholeNumber(0)))
    .option('--synthetic', 'made-up vectors in place of simulated glitches');
  for (const option of poolOptions()) command.addOption(option);
  if (embedder) command.addOption(embedder);
  return command
    .addOption(jsonOption())
    .action((flags: ReplayFlags) => runReplayBench(flags, signal));
}
