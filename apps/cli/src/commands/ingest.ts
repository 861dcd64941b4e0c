import { Command } from 'commander';
import { dataDirOption, jsonOption, logLevelOption, serverOptions } from '../options.js';
import { say } from '../output.js';
import { startProgress } from '../progress.js';
import type { StoreFlags } from '../stores.js';
import { ingestStrainCommand, ingestTriggersCommand } from './ingest-strain.js';
import { serveCommand } from './serve.js';
import { type IngestFlags, withIngestor } from './with-ingestor.js';

interface ImagesFlags extends StoreFlags, IngestFlags {
  readonly metadata?: string;
  readonly watch?: boolean;
}

async function runImages(dir: string, flags: ImagesFlags, signal: AbortSignal): Promise<void> {
  await withIngestor(flags, async (ingestor) => {
    const progress = startProgress('ingest', 1);
    try {
      if (flags.watch) say(`watching ${dir}; Ctrl-C ends it`);
      return await ingestor.ingestImages({
        dir,
        metadataCsv: flags.metadata,
        watch: flags.watch,
        signal,
        onProgress: ({ glitchesDone, glitchesFound }) =>
          progress.update(glitchesDone, glitchesFound),
      });
    } finally {
      progress.stop();
    }
  });
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
    .addCommand(ingestStrainCommand(signal))
    .addCommand(ingestTriggersCommand(signal))
    .addCommand(serveCommand('ingest'));
}
