import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmbedder, type Embedder } from '@glitchwatch/embedder';
import { Glitch, topics } from '@glitchwatch/proto';
import { Command, Option } from 'commander';
import { CliError } from '../errors.js';
import { type ModelFlags, modelPlaceOf } from '../model-location.js';
import { writeNpy } from '../npy.js';
import { deviceOption, jsonOption, logLevelOption, modelOptions, wholeNumber } from '../options.js';
import { printJson, printLine, say } from '../output.js';
import { startProgress } from '../progress.js';
import { ingestPictures } from '../run/picture-glitches.js';
import { csvText } from '../run/tables.js';
import { openWorkStores, type Stores } from '../stores.js';

interface EmbedFlags extends ModelFlags {
  readonly images: string;
  readonly metadata?: string;
  readonly out: string;
  readonly threads: number;
  readonly device: 'cpu' | 'cuda';
  readonly json?: boolean;
  readonly logLevel: string;
}

interface Row {
  readonly glitchId: string;
  readonly ifo: string;
  readonly externalId: string;
  readonly windows: string;
  readonly vector: Float32Array;
}

async function embedAll(
  { log }: Stores,
  embedder: Embedder,
  { total, signal }: { readonly total: number; readonly signal: AbortSignal },
): Promise<Row[]> {
  const rows: Row[] = [];
  const progress = startProgress('embed', total);
  try {
    const options = { topic: topics.triggers, from: 'earliest', signal, stopAtEnd: true } as const;
    for await (const { records } of log.tail(options)) {
      const glitches = records.map(({ value }) => Glitch.decode(value));
      const results = await embedder.embedEach(glitches, signal);
      results.forEach((result, i) => {
        const trigger = glitches[i]?.trigger;
        if (result.kind === 'failed')
          say(`refused: ${trigger?.externalId}: ${result.error.message}`);
        else {
          rows.push({
            glitchId: trigger?.glitchId ?? '',
            ifo: trigger?.ifo ?? '',
            externalId: trigger?.externalId ?? '',
            windows: result.windowsSec.join(' '),
            vector: result.vector,
          });
        }
      });
      progress.update(rows.length);
    }
  } finally {
    progress.stop();
  }
  const keyOf = ({ ifo, externalId, glitchId }: Row) => `${ifo} ${externalId} ${glitchId}`;
  return rows.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

async function runEmbed(flags: EmbedFlags, signal: AbortSignal): Promise<void> {
  if (!flags.out.endsWith('.npy')) {
    throw new CliError('bad_usage', `--out: expected a name that ends in .npy, found ${flags.out}`);
  }
  const workDir = await mkdtemp(join(tmpdir(), 'glitchwatch-embed-'));
  const stores = await openWorkStores(workDir);
  try {
    const embedder = await createEmbedder({
      ...(await modelPlaceOf(flags)),
      threads: flags.threads,
      device: flags.device,
    });
    try {
      const { fallbackReason } = embedder;
      if (fallbackReason !== undefined) say(`no CUDA here, running on the CPU: ${fallbackReason}`);
      const total = await ingestPictures(stores, flags, signal);
      const rows = await embedAll(stores, embedder, { total, signal });
      if (rows.length === 0) {
        throw new CliError(
          'nothing_to_do',
          `${flags.images}: expected a readable glitch, found none`,
        );
      }
      const data = new Float32Array(rows.length * embedder.dimension);
      rows.forEach(({ vector }, i) => {
        data.set(vector, i * embedder.dimension);
      });
      const names = flags.out.replace(/\.npy$/, '.csv');
      await writeNpy(flags.out, { shape: [rows.length, embedder.dimension], data });
      await writeFile(
        names,
        csvText(
          ['row', 'glitch_id', 'ifo', 'external_id', 'windows'],
          rows.map((row, i) => [i, row.glitchId, row.ifo, row.externalId, row.windows]),
        ),
      );
      const { name, dimension, device } = embedder;
      if (flags.json) {
        printJson({
          glitches: rows.length,
          dimension,
          embedder: name,
          device,
          out: flags.out,
          rows: names,
        });
      } else printLine(`${rows.length} glitches x ${dimension} by ${name}: ${flags.out}, ${names}`);
    } finally {
      await embedder.close();
    }
  } finally {
    await stores.close();
    await rm(workDir, { recursive: true, force: true });
  }
}

export function embedCommand(signal: AbortSignal): Command {
  const command = new Command('embed')
    .description('embeddings of a folder of pictures, one row per glitch')
    .requiredOption('--images <dir>', 'folder of Gravity Spy PNGs')
    .requiredOption('--out <file.npy>', 'matrix to write; the rows are named in the .csv beside it')
    .option('--metadata <csv>', 'Gravity Spy CSV; columns are found by name')
    .addOption(
      new Option('--threads <n>', 'inference threads').default(2).argParser(wholeNumber(1, 64)),
    );
  for (const option of modelOptions()) command.addOption(option);
  return command
    .addOption(deviceOption())
    .addOption(jsonOption())
    .addOption(logLevelOption())
    .action((flags: EmbedFlags) => runEmbed(flags, signal));
}
