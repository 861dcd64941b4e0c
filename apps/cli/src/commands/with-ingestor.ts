import {
  type Ingestor,
  type IngestReport,
  ingestConfigSchema,
  openIngestor,
} from '@glitchwatch/ingest';
import { createLogger, createRegistry, parseConfig, systemClock } from '@glitchwatch/service-kit';
import { printJson, printLine, say } from '../output.js';
import { openStores, type StoreFlags, storeSettingsOf } from '../stores.js';

export interface IngestFlags {
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
  const { accepted, duplicates, rejectedCount, picturesRead, scans, elapsedMs } = report;
  const work = scans > 0 ? `${scans} scans` : `${picturesRead} pictures`;
  return (
    `${accepted} glitches accepted, ${duplicates} known already, ${rejectedCount} refused; ` +
    `${work} in ${(elapsedMs / 1000).toFixed(1)} s`
  );
}

/** Opens the stores and an ingestor for one run, and tells its report. */
export async function withIngestor(
  flags: StoreFlags & IngestFlags,
  work: (ingestor: Ingestor) => Promise<IngestReport>,
): Promise<void> {
  const logger = createLogger({ name: 'ingest', level: flags.logLevel });
  const stores = await openStores(await storeSettingsOf(flags), logger);
  try {
    const ingestor = await openIngestor(parseConfig(ingestConfigSchema, {}, 'ingest'), {
      ...stores,
      logger,
      registry: createRegistry(),
      clock: systemClock,
    });
    try {
      const report = await work(ingestor);
      if (flags.json) printJson(report);
      else {
        sayProblems(report);
        printLine(ingestSummary(report));
      }
      if (report.rejectedCount > 0 && report.accepted + report.duplicates === 0)
        process.exitCode = 1;
    } finally {
      await ingestor.close();
    }
  } finally {
    await stores.close();
  }
}
