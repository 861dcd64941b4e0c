import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { benchRestart, type RestartBenchResult } from '../bench/restart-bench.js';
import { jsonOption, wholeNumber } from '../options.js';
import { printJson, printLine } from '../output.js';

interface RestartFlags {
  readonly count: number;
  readonly dimension: number;
  readonly runs: number;
  readonly seed: number;
  readonly json?: boolean;
}

function printResult(result: RestartBenchResult): void {
  const line = (name: string, value: string) => printLine(`${name.padEnd(44)}${value}`);
  line('machine', result.machine);
  line('glitches in the model', `${result.glitches} x ${result.dimension}`);
  line('fit, s', result.fitSec.toFixed(1));
  line('snapshot, MB', result.snapshotMb.toFixed(1));
  for (const [role, { firstAssignmentSec, cpuSec }] of Object.entries(result.byRole)) {
    line(`start to first assignment, role ${role}, s`, firstAssignmentSec.toFixed(2));
    if (cpuSec !== null) line('  CPU until then, s', cpuSec.toFixed(2));
  }
  line('start to ready with nothing on the log, s', result.emptyReadySec.toFixed(2));
}

async function runRestartBench(flags: RestartFlags, signal: AbortSignal): Promise<void> {
  const workDir = await mkdtemp(join(tmpdir(), 'glitchwatch-bench-'));
  try {
    const result = await benchRestart({ ...flags, workDir, signal });
    if (flags.json) printJson(result);
    else printResult(result);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

export function benchRestartCommand(signal: AbortSignal): Command {
  return new Command('restart')
    .description('a clusterer over a fitted model: from its start to its first assignment')
    .addOption(
      new Option('-n, --count <n>', 'glitches in the model')
        .default(34_332)
        .argParser(wholeNumber(200)),
    )
    .addOption(new Option('--dimension <d>').default(256).argParser(wholeNumber(2)))
    .addOption(new Option('--runs <n>', 'starts of each kind').default(3).argParser(wholeNumber(1)))
    .addOption(new Option('--seed <seed>').default(1).argParser(wholeNumber(0)))
    .addOption(jsonOption())
    .action((flags: RestartFlags) => runRestartBench(flags, signal));
}
