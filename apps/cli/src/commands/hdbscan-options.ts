import { type Command, Option } from 'commander';
import { realNumber, wholeNumber } from '../options.js';

export interface HdbscanFlags {
  readonly minClusterSize: number;
  readonly minSamples?: number;
  readonly clusterSelectionMethod: 'eom' | 'leaf';
  readonly clusterSelectionEpsilon: number;
  readonly allowSingleCluster: boolean;
}

/** Options named and defaulted as in the hdbscan package. */
export function addHdbscanOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--min-cluster-size <n>', 'smallest group that counts as a cluster')
        .default(5)
        .argParser(wholeNumber(2)),
    )
    .addOption(
      new Option(
        '--min-samples <n>',
        'neighbours that make a point dense (default: min-cluster-size)',
      ).argParser(wholeNumber(1)),
    )
    .addOption(
      new Option('--cluster-selection-method <method>', 'how clusters are taken from the tree')
        .choices(['eom', 'leaf'])
        .default('eom'),
    )
    .addOption(
      new Option('--cluster-selection-epsilon <d>', 'merge clusters closer than this distance')
        .default(0)
        .argParser(realNumber(0)),
    )
    .option('--allow-single-cluster', 'let the whole set be one cluster', false);
}
