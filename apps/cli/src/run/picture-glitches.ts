import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ingestConfigSchema, openIngestor } from '@glitchwatch/ingest';
import { Glitch, topics } from '@glitchwatch/proto';
import { createLogger, createRegistry, parseConfig, systemClock } from '@glitchwatch/service-kit';
import { sayProblems } from '../commands/with-ingestor.js';
import { startProgress } from '../progress.js';
import { openWorkStores, type Stores } from '../stores.js';

export interface PictureFolder {
  readonly images: string;
  readonly metadata?: string | undefined;
  readonly logLevel: string;
}

/** Reads a folder of pictures into the log of `stores`; returns how many glitches it took. */
export async function ingestPictures(
  stores: Stores,
  { images, metadata, logLevel }: PictureFolder,
  signal: AbortSignal,
): Promise<number> {
  const ingestor = await openIngestor(parseConfig(ingestConfigSchema, {}, 'ingest'), {
    ...stores,
    logger: createLogger({ name: 'ingest', level: logLevel }),
    registry: createRegistry(),
    clock: systemClock,
  });
  const progress = startProgress('read', 1);
  try {
    const report = await ingestor.ingestImages({
      dir: images,
      metadataCsv: metadata,
      signal,
      onProgress: ({ glitchesDone, glitchesFound }) => progress.update(glitchesDone, glitchesFound),
    });
    progress.stop();
    sayProblems(report);
    return report.accepted;
  } finally {
    progress.stop();
    await ingestor.close();
  }
}

/** The glitches of a folder of pictures as ingest makes them, sorted by detector and id. */
export async function pictureGlitches(
  folder: PictureFolder,
  signal: AbortSignal,
): Promise<readonly Glitch[]> {
  const workDir = await mkdtemp(join(tmpdir(), 'glitchwatch-pictures-'));
  const stores = await openWorkStores(workDir);
  try {
    await ingestPictures(stores, folder, signal);
    const glitches: Glitch[] = [];
    const options = { topic: topics.triggers, from: 'earliest', signal, stopAtEnd: true } as const;
    for await (const { records } of stores.log.tail(options)) {
      for (const { value } of records) glitches.push(Glitch.decode(value));
    }
    const keyOf = ({ trigger }: Glitch) => `${trigger?.ifo} ${trigger?.externalId}`;
    return glitches.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  } finally {
    await stores.close();
    await rm(workDir, { recursive: true, force: true });
  }
}
