import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeSettingsSchema } from '@glitchwatch/stores';
import { Command, Option } from 'commander';
import { benchPipeline } from '../bench/pipeline-bench.js';
import { printPipelineResult } from '../bench/pipeline-report.js';
import type { Layout } from '../bench/pipeline-run.js';
import { CliError } from '../errors.js';
import { jsonOption, serverOptions, wholeNumber } from '../options.js';
import { printJson } from '../output.js';
import { startProgress } from '../progress.js';
import { storeSettingsOf } from '../stores.js';

interface PipelineFlags {
  readonly log: 'embedded' | 'kafka';
  readonly kafka?: string;
  readonly redis?: string;
  readonly processes?: Layout;
  readonly threads: number;
  readonly glitches: number;
  readonly burst: number;
  readonly durationSec: number;
  readonly seed: number;
  readonly profile?: string;
  readonly json?: boolean;
}

async function settingsOf({ log, kafka, redis }: PipelineFlags, dataDir: string) {
  if (log === 'embedded') {
    if (kafka === undefined && redis === undefined) return storeSettingsSchema.parse({ dataDir });
    throw new CliError('bad_usage', '--kafka and --redis go with --log kafka');
  }
  const settings = await storeSettingsOf({
    dataDir,
    ...(kafka === undefined ? {} : { kafka }),
    ...(redis === undefined ? {} : { redis }),
  });
  if (settings.kafka !== undefined) return settings;
  throw new CliError(
    'bad_usage',
    '--log kafka: expected the brokers of a running Kafka (--kafka host:port), found none. From a ' +
      'checkout with Java 17 and Maven, `npm run bench:kafka` starts one from its published jars and runs this on it',
  );
}

async function runPipelineBench(flags: PipelineFlags, signal: AbortSignal): Promise<void> {
  const workDir = await mkdtemp(join(tmpdir(), 'glitchwatch-bench-'));
  try {
    const { glitches, burst, durationSec, seed, threads } = flags;
    const result = await benchPipeline({
      stores: await settingsOf(flags, workDir),
      workDir,
      layout: flags.processes ?? (flags.log === 'kafka' ? 'each' : 'one'),
      threads,
      glitches,
      burst,
      durationSec,
      seed,
      profileDir: flags.profile,
      signal,
      startProgress: (label, total) => startProgress(label, total),
    });
    if (flags.json) printJson(result);
    else printPipelineResult(result);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

/** `bench pipeline`. */
export function benchPipelineCommand(signal: AbortSignal): Command {
  const pipeline = new Command('pipeline')
    .description('the four services under load, beside the bare log in the same run')
    .addOption(
      new Option('--log <which>', 'the event log')
        .choices(['embedded', 'kafka'])
        .default('embedded'),
    );
  for (const option of serverOptions()) pipeline.addOption(option);
  pipeline
    .addOption(
      new Option(
        '--processes <layout>',
        'all services in one process, or each in its own (default: one, on Kafka each)',
      ).choices(['one', 'each']),
    )
    .addOption(
      new Option('--threads <n>', 'threads of the embedder')
        .default(availableParallelism(), 'the cores')
        .argParser(wholeNumber(1, 64)),
    )
    .addOption(
      new Option('-n, --glitches <n>', 'glitches that measure the capacity')
        .default(2000)
        .argParser(wholeNumber(50, 100_000)),
    )
    .addOption(
      new Option('--burst <n>', 'glitches of the burst at the end; 0 leaves it out')
        .default(10_000)
        .argParser(wholeNumber(0, 1_000_000)),
    )
    .addOption(
      new Option(
        '--duration-sec <s>',
        'of each of the two loads that measure the latency; 0 leaves them out',
      )
        .default(60)
        .argParser(wholeNumber(0, 86_400)),
    )
    .addOption(new Option('--seed <seed>').default(1).argParser(wholeNumber(0)))
    .option('--profile <dir>', 'write CPU profiles of the services there (slower)')
    .addOption(jsonOption())
    .action((flags: PipelineFlags) => runPipelineBench(flags, signal));
  return pipeline;
}
