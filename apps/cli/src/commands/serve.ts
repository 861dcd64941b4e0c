import { Command } from 'commander';
import { explorerDir } from '../explorer-dir.js';
import { dataDirOption, logLevelOption } from '../options.js';

type ServiceName = 'ingest' | 'embedder' | 'clusterer' | 'gateway';

/** The services' own entries; each reads the environment and runs until SIGTERM. */
const entries: Readonly<Record<ServiceName, () => Promise<unknown>>> = {
  ingest: () => import('@glitchwatch/ingest/main'),
  embedder: () => import('@glitchwatch/embedder/main'),
  clusterer: () => import('@glitchwatch/clusterer/main'),
  gateway: () => import('@glitchwatch/gateway/main'),
};

interface ServeFlags {
  readonly dataDir: string;
  readonly logLevel: string;
}

export function serveCommand(name: ServiceName): Command {
  return new Command('serve')
    .description(
      `the ${name} service alone, in this process; further settings by GLITCHWATCH_… variables`,
    )
    .addOption(dataDirOption())
    .addOption(logLevelOption())
    .action(async ({ dataDir, logLevel }: ServeFlags) => {
      process.env.GLITCHWATCH_DATA_DIR = dataDir;
      process.env.GLITCHWATCH_LOG_LEVEL = logLevel;
      process.env.GLITCHWATCH_EXPLORER_DIR ??= explorerDir();
      await entries[name]();
    });
}

/** `embedder serve`, `clusterer serve`, `gateway serve`; ingest has verbs of its own beside it. */
export function serveCommands(): Command[] {
  const names = ['embedder', 'clusterer', 'gateway'] as const;
  return names.map((name) =>
    new Command(name).description(`the ${name} service`).addCommand(serveCommand(name)),
  );
}
