import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toFloat32 } from '@glitchwatch/numerics';
import { Command, Option } from 'commander';
import { clusterInThread } from '../clustering/cluster-in-thread.js';
import { layOutInThread } from '../clustering/lay-out-in-thread.js';
import { readMatrix, writeNpy } from '../npy.js';
import { jsonOption, realNumber, wholeNumber } from '../options.js';
import { printJson, printLine } from '../output.js';
import { addHdbscanOptions, type HdbscanFlags } from './hdbscan-options.js';
import { countClusters, writeClusters } from './write-clusters.js';

interface FitFlags extends HdbscanFlags {
  readonly embeddings: string;
  readonly out: string;
  readonly nNeighbors: number;
  readonly minDist: number;
  readonly metric: 'euclidean' | 'cosine';
  readonly nEpochs?: number;
  readonly randomState: number;
  readonly threads?: number;
  readonly json?: boolean;
}

const secondsSince = (start: number) => (performance.now() - start) / 1000;

async function runFit(flags: FitFlags, signal: AbortSignal): Promise<void> {
  const readStart = performance.now();
  const points = toFloat32(await readMatrix(flags.embeddings), flags.metric);
  const { rows } = points;
  const readSec = secondsSince(readStart);

  const fitStart = performance.now();
  const umap = await layOutInThread(
    points,
    {
      nNeighbors: flags.nNeighbors,
      minDist: flags.minDist,
      metric: flags.metric,
      randomState: flags.randomState,
      ...(flags.nEpochs === undefined ? {} : { nEpochs: flags.nEpochs }),
      ...(flags.threads === undefined ? {} : { threads: flags.threads }),
    },
    { signal },
  );
  const umapSec = secondsSince(fitStart);
  const hdbscanStart = performance.now();
  const hdbscanStages = stageClock();
  const clusters = await clusterInThread({ rows, cols: 2, data: umap.embedding }, flags, {
    signal,
    onProgress: ({ stage }) => hdbscanStages.enter(stage),
  });
  const hdbscanSec = secondsSince(hdbscanStart);
  const totalSec = secondsSince(fitStart);

  await mkdir(flags.out, { recursive: true });
  await writeNpy(join(flags.out, 'layout.npy'), { shape: [rows, 2], data: umap.embedding });
  await writeClusters(flags.out, clusters);
  const timings = {
    total_s: totalSec,
    umap_s: umapSec,
    hdbscan_s: hdbscanSec,
    read_s: readSec,
    umap_stages_s: umap.secondsByStage,
    hdbscan_stages_s: hdbscanStages.end(),
  };
  await writeFile(join(flags.out, 'timings.json'), `${JSON.stringify(timings, null, 2)}\n`);

  const counts = countClusters(clusters.labels);
  if (flags.json) printJson({ ...counts, timings, out: flags.out });
  else {
    const { points: n, clusters: k, noise } = counts;
    printLine(`${n} points, ${k} clusters, ${noise} noise, ${totalSec.toFixed(2)} s: ${flags.out}`);
  }
}

/** Seconds from the first report of a stage to that of the next. */
function stageClock(): { enter(stage: string): void; end(): Record<string, number> } {
  const seconds: Record<string, number> = {};
  let current = '';
  let since = 0;
  const enter = (stage: string): void => {
    if (stage === current) return;
    if (current !== '') seconds[current] = secondsSince(since);
    current = stage;
    since = performance.now();
  };
  return {
    enter,
    end() {
      enter('');
      return seconds;
    },
  };
}

export function fitCommand(signal: AbortSignal): Command {
  const command = new Command('fit')
    .description('UMAP and HDBSCAN of any matrix: layout, labels, probabilities, outlier scores')
    .requiredOption('--embeddings <file>', 'matrix as .npy, one row per point')
    .requiredOption('--out <dir>', 'folder to write')
    .addOption(
      new Option('--n-neighbors <n>', 'neighbours per point, itself included')
        .default(15)
        .argParser(wholeNumber(2)),
    )
    .addOption(
      new Option('--min-dist <d>', 'smallest distance on the map')
        .default(0.1)
        .argParser(realNumber(0)),
    )
    .addOption(new Option('--metric <name>').choices(['euclidean', 'cosine']).default('cosine'))
    .addOption(
      new Option(
        '--n-epochs <n>',
        'default: 1,000 up to 2,500 points, 500 up to 10,000, else 200',
      ).argParser(wholeNumber(1)),
    )
    .addOption(
      new Option('--random-state <seed>').default(42).argParser(wholeNumber(0, 0xffffffff)),
    )
    .addOption(
      new Option(
        '--threads <n>',
        'worker threads from 4,096 points on; the result does not depend on it (default: cores, at most 8)',
      ).argParser(wholeNumber(1)),
    );
  return addHdbscanOptions(command)
    .addOption(jsonOption())
    .action((flags: FitFlags) => runFit(flags, signal));
}
