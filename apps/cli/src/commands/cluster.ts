import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CondensedTree } from '@glitchwatch/numerics';
import { Command } from 'commander';
import { clusterInThread } from '../clustering/cluster-in-thread.js';
import { readMatrix } from '../npy.js';
import { jsonOption } from '../options.js';
import { printJson, printLine } from '../output.js';
import { addHdbscanOptions, type HdbscanFlags } from './hdbscan-options.js';
import { countClusters, writeClusters } from './write-clusters.js';

interface ClusterFlags extends HdbscanFlags {
  readonly points: string;
  readonly out: string;
  readonly json?: boolean;
}

/** Columns as in hdbscan's condensed_tree_.to_numpy(). */
function condensedTreeCsv(tree: CondensedTree): string {
  const lines = ['parent,child,lambda_val,child_size'];
  for (let row = 0; row < tree.parents.length; row += 1) {
    lines.push(
      `${tree.parents[row]},${tree.children[row]},${tree.lambdas[row]},${tree.sizes[row]}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

async function runCluster(flags: ClusterFlags, signal: AbortSignal): Promise<void> {
  const points = await readMatrix(flags.points);
  const start = performance.now();
  const model = await clusterInThread(points, flags, { signal });
  const totalSec = (performance.now() - start) / 1000;

  await mkdir(flags.out, { recursive: true });
  await writeClusters(flags.out, model);
  await writeFile(join(flags.out, 'condensed_tree.csv'), condensedTreeCsv(model.condensedTree));
  await writeFile(join(flags.out, 'timings.json'), `${JSON.stringify({ total_s: totalSec })}\n`);

  const counts = countClusters(model.labels);
  if (flags.json) printJson({ ...counts, total_s: totalSec, out: flags.out });
  else {
    const { points: n, clusters: k, noise } = counts;
    printLine(`${n} points, ${k} clusters, ${noise} noise, ${totalSec.toFixed(2)} s: ${flags.out}`);
  }
}

export function clusterCommand(signal: AbortSignal): Command {
  const command = new Command('cluster')
    .description('HDBSCAN of given points, without UMAP')
    .requiredOption('--points <file>', 'matrix as .npy, one row per point')
    .requiredOption('--out <dir>', 'folder to write');
  return addHdbscanOptions(command)
    .addOption(jsonOption())
    .action((flags: ClusterFlags) => runCluster(flags, signal));
}
