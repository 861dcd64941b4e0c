import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { benchPipeline, type PipelineBenchResult } from '../bench/pipeline-bench.js';
import { jsonOption, wholeNumber } from '../options.js';
import { printJson, printLine } from '../output.js';
import { benchRestartCommand } from './bench-restart.js';

interface PipelineFlags {
  readonly count: number;
  readonly seed: number;
  readonly json?: boolean;
}

function printResult(result: PipelineBenchResult): void {
  const line = (name: string, value: string) => printLine(`${name.padEnd(34)}${value}`);
  line('machine', result.machine);
  line('glitches', String(result.glitches));
  line('whole pipeline, glitches/s', result.glitchesPerSec.toFixed(1));
  line('bare log, same messages, glitches/s', result.transportPerSec.toFixed(1));
  line('ratio', result.ratio.toFixed(3));
  line('CPU ms per glitch', result.cpuMsPerGlitch.toFixed(2));
  line('peak RSS, MB', result.peakRssMb.toFixed(0));
  const stages = Object.entries(result.stageMsPerGlitch).sort(([, a], [, b]) => b - a);
  for (const [stage, ms] of stages) line(`  ${stage}, ms per glitch`, ms.toFixed(3));
}

async function runPipelineBench(flags: PipelineFlags, signal: AbortSignal): Promise<void> {
  const workDir = await mkdtemp(join(tmpdir(), 'glitchwatch-bench-'));
  try {
    const result = await benchPipeline({ ...flags, workDir, signal });
    if (flags.json) printJson(result);
    else printResult(result);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

export function benchCommand(signal: AbortSignal): Command {
  const pipeline = new Command('pipeline')
    .description('a burst through all four services over the embedded log, beside the bare log')
    .addOption(new Option('-n, --count <n>', 'glitches').default(2000).argParser(wholeNumber(200)))
    .addOption(new Option('--seed <seed>').default(1).argParser(wholeNumber(0)))
    .addOption(jsonOption())
    .action((flags: PipelineFlags) => runPipelineBench(flags, signal));
  return new Command('bench')
    .description('benchmarks, each beside a baseline of the same run')
    .addCommand(pipeline)
    .addCommand(benchRestartCommand(signal));
}
