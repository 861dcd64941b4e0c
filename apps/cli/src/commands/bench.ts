import { Command } from 'commander';
import { benchEmbedderCommand } from './bench-embedder.js';
import { benchEmbedderQualityCommand } from './bench-embedder-quality.js';
import { benchPipelineCommand } from './bench-pipeline.js';
import { benchQscanCommand } from './bench-qscan.js';
import { benchRestartCommand } from './bench-restart.js';

export function benchCommand(signal: AbortSignal): Command {
  return new Command('bench')
    .description('benchmarks, each beside a baseline of the same run')
    .addCommand(benchEmbedderCommand(signal))
    .addCommand(benchEmbedderQualityCommand(signal))
    .addCommand(benchPipelineCommand(signal))
    .addCommand(benchQscanCommand(signal))
    .addCommand(benchRestartCommand(signal));
}
