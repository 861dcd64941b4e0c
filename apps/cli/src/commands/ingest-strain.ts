import {
  DEFAULT_CLUSTER_SEC,
  DEFAULT_MIN_SNR,
  type Ingestor,
  type IngestReport,
  readKnownEvents,
} from '@glitchwatch/ingest';
import { Command, Option } from 'commander';
import { CliError } from '../errors.js';
import {
  dataDirOption,
  jsonOption,
  logLevelOption,
  realNumber,
  serverOptions,
} from '../options.js';
import { say } from '../output.js';
import { startProgress } from '../progress.js';
import type { StoreFlags } from '../stores.js';
import { type IngestFlags, withIngestor } from './with-ingestor.js';

interface StrainFlags extends StoreFlags, IngestFlags {
  readonly ifo?: string;
  readonly channel?: string;
  readonly minSnr?: number;
  readonly knownEvents?: string;
  readonly watch?: string;
}

interface TriggersFlags extends StrainFlags {
  readonly strain?: string[];
  readonly clusterWindow: number;
}

type Work = (ingestor: Ingestor, onProgress: ProgressHandler) => Promise<IngestReport>;
type ProgressHandler = (progress: { glitchesDone: number; glitchesFound: number }) => void;

async function withProgress(flags: StrainFlags, work: Work): Promise<void> {
  await withIngestor(flags, async (ingestor) => {
    if (flags.watch !== undefined) say(`watching ${flags.watch}; Ctrl-C ends it`);
    const progress = startProgress('scan', 1);
    try {
      return await work(ingestor, ({ glitchesDone, glitchesFound }) =>
        progress.update(glitchesDone, glitchesFound),
      );
    } finally {
      progress.stop();
    }
  });
}

function requireInput(given: readonly string[], flags: StrainFlags): void {
  if (given.length > 0 || flags.watch !== undefined) return;
  throw new CliError('bad_usage', 'expected files, folders or --watch, found none');
}

const eventsOf = async ({ knownEvents }: StrainFlags) =>
  knownEvents === undefined ? undefined : readKnownEvents(knownEvents);

const ifoOption = (of: string) => new Option('--ifo <name>', `detector, ${of}`);
const channelOption = (of: string) => new Option('--channel <name>', `channel, ${of}`);
const eventsOption = () =>
  new Option(
    '--known-events <csv>',
    'events to mark besides those of GWTC-1 to GWTC-3: columns name and gps',
  );

export function ingestStrainCommand(signal: AbortSignal): Command {
  const command = new Command('strain')
    .description('finds transients in HDF5 strain by our own Q-transform; no pictures needed')
    .argument('[files...]', 'HDF5 of GWOSC or GWpy, and folders of them')
    .addOption(ifoOption('where files have several'))
    .addOption(channelOption('where files have several'))
    .addOption(
      new Option('--min-snr <snr>', 'weakest transient')
        .default(DEFAULT_MIN_SNR)
        .argParser(realNumber(4)),
    )
    .addOption(eventsOption())
    .option('--watch <dir>', 'go on with the strain files that come into a folder')
    .addOption(dataDirOption());
  for (const option of serverOptions()) command.addOption(option);
  return command
    .addOption(jsonOption())
    .addOption(logLevelOption())
    .action(async (strain: string[], flags: StrainFlags) => {
      requireInput(strain, flags);
      const { ifo, channel, minSnr, watch: watchDir } = flags;
      const knownEvents = await eventsOf(flags);
      await withProgress(flags, (ingestor, onProgress) =>
        ingestor.ingestStrain({
          strain,
          ifo,
          channel,
          minSnr,
          knownEvents,
          watchDir,
          signal,
          onProgress,
        }),
      );
    });
}

export function ingestTriggersCommand(signal: AbortSignal): Command {
  const command = new Command('triggers')
    .description('triggers of Omicron, gstlal, cWB or ArchEnemy, scanned in strain')
    .argument('[files...]', 'LIGO_LW XML (also .gz), HDF5, CSV or text tables, and folders of them')
    .option('--strain <path...>', 'HDF5 strain, files and folders')
    .addOption(ifoOption('of tables that do not say'))
    .addOption(channelOption('of tables that do not say'))
    .addOption(
      new Option('--min-snr <snr>', 'weaker ones are passed over').argParser(realNumber(0)),
    )
    .addOption(
      new Option('--cluster-window <s>', 'of triggers that follow within so long the loudest stays')
        .default(DEFAULT_CLUSTER_SEC)
        .argParser(realNumber(0, 3600)),
    )
    .addOption(eventsOption())
    .option(
      '--watch <dir>',
      'go on with the tables and strain that come into a folder; triggers wait for their strain',
    )
    .addOption(dataDirOption());
  for (const option of serverOptions()) command.addOption(option);
  return command
    .addOption(jsonOption())
    .addOption(logLevelOption())
    .action(async (triggers: string[], flags: TriggersFlags) => {
      requireInput(triggers, flags);
      const { strain = [], ifo, channel, minSnr, clusterWindow, watch: watchDir } = flags;
      const knownEvents = await eventsOf(flags);
      await withProgress(flags, (ingestor, onProgress) =>
        ingestor.ingestTriggers({
          triggers,
          strain,
          ifo,
          channel,
          minSnr,
          clusterSec: clusterWindow,
          knownEvents,
          watchDir,
          signal,
          onProgress,
        }),
      );
    });
}
