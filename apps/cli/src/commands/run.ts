import { join } from 'node:path';
import { DEFAULT_MIN_SNR } from '@glitchwatch/ingest';
import { createLogger } from '@glitchwatch/service-kit';
import { Command, Option } from 'commander';
import { CliError } from '../errors.js';
import { type ModelFlags, modelPlaceOf } from '../model-location.js';
import {
  deviceOption,
  jsonOption,
  logLevelOption,
  modelOptions,
  realNumber,
  wholeNumber,
} from '../options.js';
import { printJson, printLine, say } from '../output.js';
import { collectRun } from '../run/collect.js';
import { type RunSource, runOffline } from '../run/offline-pipeline.js';
import { openWorkFolder } from '../run/work-folder.js';
import { writeRun } from '../run/write-run.js';
import { ingestSummary, sayProblems } from './with-ingestor.js';

interface RunFlags extends ModelFlags {
  readonly images?: string;
  readonly metadata?: string;
  readonly strain?: string[];
  readonly minSnr: number;
  readonly out: string;
  readonly device: 'cpu' | 'cuda';
  readonly nNeighbors?: number;
  readonly minDist?: number;
  readonly minClusterSize?: number;
  readonly minSamples?: number;
  readonly randomState: number;
  readonly json?: boolean;
  readonly logLevel: string;
}

const given = <T extends object>(values: T) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

function sourceOf({ images, metadata, strain, minSnr }: RunFlags): RunSource {
  if ((images === undefined) === (strain === undefined)) {
    const found = images === undefined ? 'neither' : 'both';
    throw new CliError('bad_usage', `expected one of --images and --strain, found ${found}`);
  }
  if (images !== undefined) return { kind: 'images', dir: images, metadata };
  return { kind: 'strain', files: strain ?? [], minSnr };
}

async function runRun(flags: RunFlags, signal: AbortSignal): Promise<void> {
  const source = sourceOf(flags);
  const work = await openWorkFolder(flags.out, {
    source,
    embedder: flags.embedder,
    model: flags.model,
  });
  const { stores } = work;
  try {
    const result = await runOffline(stores, {
      source,
      embedder: { ...(await modelPlaceOf(flags)), device: flags.device },
      clusterer: given({
        umapNeighbours: flags.nNeighbors,
        umapMinDist: flags.minDist,
        minClusterSize: flags.minClusterSize,
        minSamples: flags.minSamples,
        randomState: flags.randomState,
      }),
      logger: createLogger({ name: 'run', level: flags.logLevel }),
      signal,
      onIngested(report) {
        sayProblems(report);
        say(ingestSummary(report));
      },
    });
    const run = await collectRun(stores.log);
    const summary = await writeRun(flags.out, stores.log, { run, result });
    if (flags.json) printJson(summary);
    else {
      const purity = summary.purity === null ? '' : `, purity ${summary.purity.toFixed(3)}`;
      const noise = `${(100 * summary.noise_fraction).toFixed(1)} % unassigned`;
      printLine(
        `${summary.glitches} glitches in ${summary.families} families, ${noise}${purity}: ${join(flags.out, 'report.html')}`,
      );
    }
  } finally {
    await work.close();
  }
  await work.remove();
}

export function runCommand(signal: AbortSignal): Command {
  const command = new Command('run')
    .description(
      'the whole pipeline over a finished folder of pictures, or strain, with a report page',
    )
    .option('--images <dir>', 'folder of Gravity Spy PNGs')
    .option('--strain <path...>', 'instead: HDF5 strain in which transients are looked for')
    .addOption(
      new Option('--min-snr <snr>', 'with --strain: weakest transient')
        .default(DEFAULT_MIN_SNR)
        .argParser(realNumber(4)),
    )
    .option('--metadata <csv>', 'Gravity Spy CSV; columns are found by name')
    .requiredOption('--out <dir>', 'folder to write')
    .addOption(new Option('--n-neighbors <n>', 'UMAP (default: 15)').argParser(wholeNumber(2)))
    .addOption(
      new Option('--min-dist <d>', 'UMAP (default: 0 below 300 glitches, else 0.1)').argParser(
        realNumber(0),
      ),
    )
    .addOption(
      new Option(
        '--min-cluster-size <n>',
        'HDBSCAN (default: half the square root of the number of glitches, 5 to 30)',
      ).argParser(wholeNumber(2)),
    )
    .addOption(
      new Option(
        '--min-samples <n>',
        'HDBSCAN (default: a quarter of that root, 3 to 5)',
      ).argParser(wholeNumber(1)),
    )
    .addOption(
      new Option('--random-state <seed>', 'seed of the fit').default(42).argParser(wholeNumber(0)),
    );
  for (const option of modelOptions()) command.addOption(option);
  return command
    .addOption(deviceOption())
    .addOption(jsonOption())
    .addOption(logLevelOption())
    .action((flags: RunFlags) => runRun(flags, signal));
}
