import { Command } from 'commander';
import { benchAssignCommand } from './bench-assign.js';
import { benchEmbedderCommand } from './bench-embedder.js';
import { benchEmbedderQualityCommand } from './bench-embedder-quality.js';
import { benchFitCommand } from './bench-fit.js';
import { benchIdentityCommand } from './bench-identity.js';
import { benchNoveltyCommand } from './bench-novelty.js';
import { benchPipelineCommand } from './bench-pipeline.js';
import { benchQscanCommand } from './bench-qscan.js';
import { benchReplayCommand } from './bench-replay.js';
import { benchRestartCommand } from './bench-restart.js';

export function benchCommand(signal: AbortSignal): Command {
  return new Command('bench')
    .description('benchmarks, each beside a baseline of the same run')
    .addCommand(benchAssignCommand(signal))
    .addCommand(benchEmbedderCommand(signal))
    .addCommand(benchEmbedderQualityCommand(signal))
    .addCommand(benchFitCommand(signal))
    .addCommand(benchIdentityCommand(signal))
    .addCommand(benchNoveltyCommand(signal))
    .addCommand(benchPipelineCommand(signal))
    .addCommand(benchQscanCommand(signal))
    .addCommand(benchReplayCommand(signal))
    .addCommand(benchRestartCommand(signal));
}
