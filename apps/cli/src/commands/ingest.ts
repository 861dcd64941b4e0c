import { type IngestReport, ingestConfigSchema, openIngestor } from '@glitchwatch/ingest';
import { createLogger, createRegistry, parseConfig, systemClock } from '@glitchwatch/service-kit';
import { Command } from 'commander';
import { dataDirOption, jsonOption, logLevelOption, serverOptions } from '../options.js';
import { printJson, printLine, say } from '../output.js';
import { startProgress } from '../progress.js';
import { openStores, type StoreFlags, storeSettingsOf } from '../stores.js';
import { serveCommand } from './serve.js';

interface ImagesFlags extends StoreFlags {
  readonly metadata?: string;
  readonly watch?: boolean;
  readonly json?: boolean;
  readonly logLevel: string;
}

const listedProblems = 20;

/** What was wrong, for people; the counts are complete, the lines the first few. */
export function sayProblems(report: IngestReport): void {
  for (const problem of report.rejected.slice(0, listedProblems))
    say(`refused: ${problem.message}`);
  for (const problem of report.warnings.slice(0, listedProblems)) say(`note: ${problem.message}`);
  const more =
    Math.max(0, report.rejectedCount - listedProblems) +
    Math.max(0, report.warningCount - listedProblems);
  if (more > 0) say(`… and ${more} more; --json lists them all`);
}

export function ingestSummary(report: IngestReport): string {
  const { accepted, duplicates, rejectedCount, picturesRead, elapsedMs } = report;
  return (
    `${accepted} glitches accepted, ${duplicates} known already, ${rejectedCount} refused; ` +
    `${picturesRead} pictures in ${(elapsedMs / 1000).toFixed(1)} s`
  );
}

async function runImages(dir: string, flags: ImagesFlags, signal: AbortSignal): Promise<void> {
  const logger = createLogger({ name: 'ingest', level: flags.logLevel });
  const stores = await openStores(await storeSettingsOf(flags), logger);
  try {
    const ingestor = await openIngestor(parseConfig(ingestConfigSchema, {}, 'ingest'), {
      ...stores,
      logger,
      registry: createRegistry(),
      clock: systemClock,
    });
    const progress = startProgress('ingest', 1);
    try {
      if (flags.watch) say(`watching ${dir}; Ctrl-C ends it`);
      const report = await ingestor.ingestImages({
        dir,
        metadataCsv: flags.metadata,
        watch: flags.watch,
        signal,
        onProgress: ({ glitchesDone, glitchesFound }) =>
          progress.update(glitchesDone, glitchesFound),
      });
      progress.stop();
      if (flags.json) printJson(report);
      else {
        sayProblems(report);
        printLine(ingestSummary(report));
      }
      if (report.rejectedCount > 0 && report.accepted + report.duplicates === 0)
        process.exitCode = 1;
    } finally {
      progress.stop();
      await ingestor.close();
    }
  } finally {
    await stores.close();
  }
}

export function ingestCommand(signal: AbortSignal): Command {
  const images = new Command('images')
    .description('a folder of Gravity Spy PNGs, with or without a metadata CSV, into the log')
    .argument('<dir>', 'folder, searched with its subfolders')
    .option('--metadata <csv>', 'Gravity Spy CSV; columns are found by name')
    .option('--watch', 'go on with what is added to the folder')
    .addOption(dataDirOption());
  for (const option of serverOptions()) images.addOption(option);
  images
    .addOption(jsonOption())
    .addOption(logLevelOption())
    .action((dir: string, flags: ImagesFlags) => runImages(dir, flags, signal));
  return new Command('ingest')
    .description('bring glitches into the log')
    .addCommand(images)
    .addCommand(serveCommand('ingest'));
}
