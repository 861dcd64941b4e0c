import { Command, Option } from 'commander';
import { explorerDir } from '../explorer-dir.js';
import { dataDirOption, deviceOption, logLevelOption, serverOptions } from '../options.js';
import { environmentWith, type StoreFlags } from '../stores.js';

type ServiceName = 'ingest' | 'embedder' | 'clusterer' | 'gateway';

/** The services' own entries; each reads the environment and runs until SIGTERM. */
const entries: Readonly<Record<ServiceName, () => Promise<unknown>>> = {
  ingest: () => import('@glitchwatch/ingest/main'),
  embedder: () => import('@glitchwatch/embedder/main'),
  clusterer: () => import('@glitchwatch/clusterer/main'),
  gateway: () => import('@glitchwatch/gateway/main'),
};

interface ServeFlags extends StoreFlags {
  readonly logLevel: string;
  /** Of the clusterer. */
  readonly role?: string;
  /** Of the embedder. */
  readonly device?: string;
}

/** Read by the clusterer's own entry, as in a container. */
const roleVariable = 'GLITCHWATCH_CLUSTERER_ROLE';

const deviceVariable = 'GLITCHWATCH_EMBEDDER_DEVICE';

const roleOption = () =>
  new Option(
    '--role <role>',
    'assign: places new glitches, any number of these side by side; refit: one of these leads, fits models, answers for known glitches and raises alerts; both: in one process',
  )
    .choices(['assign', 'refit', 'both'])
    .default('both')
    .env(roleVariable);

export function serveCommand(name: ServiceName): Command {
  const command = new Command('serve')
    .description(
      `the ${name} service alone, in this process; further settings by GLITCHWATCH_… variables`,
    )
    .addOption(dataDirOption());
  for (const option of serverOptions()) command.addOption(option);
  if (name === 'clusterer') command.addOption(roleOption());
  if (name === 'embedder') command.addOption(deviceOption());
  return command.addOption(logLevelOption()).action(async (flags: ServeFlags) => {
    Object.assign(process.env, environmentWith(flags));
    process.env.GLITCHWATCH_LOG_LEVEL = flags.logLevel;
    process.env.GLITCHWATCH_EXPLORER_DIR ??= explorerDir();
    if (flags.role !== undefined) process.env[roleVariable] = flags.role;
    if (flags.device !== undefined) process.env[deviceVariable] = flags.device;
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
