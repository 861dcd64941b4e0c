import { mkdir, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmbedderService, embedderConfigSchema } from '@glitchwatch/embedder';
import type { EventLog } from '@glitchwatch/event-log';
import { ingestConfigSchema, openIngestor } from '@glitchwatch/ingest';
import { topics } from '@glitchwatch/proto';
import { createLogger, createRegistry, parseConfig, systemClock } from '@glitchwatch/service-kit';
import { type GlitchPictures, gravitySpyFileName, groupWindows } from '@glitchwatch/spectrogram';
import { CliError } from '../errors.js';
import { openWorkStores } from '../stores.js';

export interface PictureRate {
  readonly glitches: number;
  readonly pictures: number;
  /** From the first file read to the last embedding on the log. */
  readonly seconds: number;
  /** Of the whole process meanwhile, all threads. */
  readonly cpuSec: number;
  /** Threads that decode; as many embed. */
  readonly workers: number;
}

export interface PictureBenchOptions {
  readonly modelDir: string;
  readonly images: string;
  /** A small folder is read several times, each time under other names. */
  readonly pictures: number;
  readonly signal: AbortSignal;
}

/** With these the threads have started and the compiler has settled. */
const WARM_GLITCHES = 24;

/**
 * From a folder of PNGs to embeddings by the way that `run` takes: ingest decodes in
 * threads and appends to the log, the embedder's service embeds what is there.
 */
export async function benchPictures(options: PictureBenchOptions): Promise<PictureRate> {
  const workDir = await mkdtemp(join(tmpdir(), 'glitchwatch-bench-pictures-'));
  const stores = await openWorkStores(join(workDir, 'data'));
  const workers = availableParallelism();
  const logger = createLogger({ name: 'bench', level: 'error' });
  const context = { ...stores, logger, registry: createRegistry(), clock: systemClock };
  const embedder = createEmbedderService(
    parseConfig(embedderConfigSchema, { modelDir: options.modelDir, threads: workers }, 'embedder'),
    context,
  );
  const ingestor = await openIngestor(parseConfig(ingestConfigSchema, {}, 'ingest'), context);
  try {
    await embedder.start();
    const links = await linkFolders(join(workDir, 'pictures'), options);
    const run = async (dir: string, before: number) => {
      const report = await ingestor.ingestImages({ dir, signal: options.signal });
      await embeddingsReach(stores.log, before + report.accepted, options.signal);
      return report;
    };
    const warm = await run(links.warm, 0);
    const cpu = process.cpuUsage();
    const begun = performance.now();
    const { accepted: glitches, picturesRead: pictures } = await run(links.measured, warm.accepted);
    const seconds = (performance.now() - begun) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    return { glitches, pictures, seconds, cpuSec: (user + system) / 1e6, workers };
  } finally {
    await ingestor.close();
    await embedder.stop();
    await stores.close();
    await rm(workDir, { recursive: true, force: true });
  }
}

async function linkFolders(
  dir: string,
  { images, pictures: wanted }: PictureBenchOptions,
): Promise<{ readonly warm: string; readonly measured: string }> {
  const root = await realpath(images);
  const files = (await readdir(root, { recursive: true })).map((name) => join(root, name));
  const { glitches } = groupWindows(files);
  const count = glitches.reduce((sum, { windows }) => sum + windows.length, 0);
  if (count === 0) {
    throw new CliError('nothing_to_do', `${images}: expected Gravity Spy pictures, found none`);
  }
  const [warm, measured] = [join(dir, 'warm'), join(dir, 'measured')];
  await mkdir(warm, { recursive: true });
  await mkdir(measured, { recursive: true });
  await linkGlitches(glitches.slice(0, WARM_GLITCHES), warm, 'warm');
  for (let pass = 0; pass * count < wanted; pass++) {
    await linkGlitches(glitches, measured, String(pass));
  }
  return { warm, measured };
}

async function linkGlitches(
  glitches: readonly GlitchPictures[],
  dir: string,
  suffix: string,
): Promise<void> {
  for (const { ifo, externalId, windows } of glitches) {
    for (const { windowSec, file } of windows) {
      const name = { ifo, externalId: `${externalId}-${suffix}`, windowSec };
      await symlink(file, join(dir, gravitySpyFileName(name)));
    }
  }
}

async function embeddingsReach(log: EventLog, count: number, signal: AbortSignal): Promise<void> {
  const ended = new AbortController();
  const options = {
    topic: topics.embeddings,
    from: 'earliest',
    signal: AbortSignal.any([ended.signal, signal]),
  } as const;
  let seen = 0;
  for await (const { records } of log.tail(options)) {
    seen += records.length;
    if (seen >= count) break;
  }
  ended.abort();
  signal.throwIfAborted();
}
