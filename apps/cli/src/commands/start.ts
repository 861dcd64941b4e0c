import {
  type ClustererConfig,
  clustererConfigSchema,
  createClustererService,
} from '@glitchwatch/clusterer';
import { createEmbedderService, embedderConfigSchema } from '@glitchwatch/embedder';
import { createGatewayService } from '@glitchwatch/gateway';
import { createIngestService, ingestConfigSchema } from '@glitchwatch/ingest';
import { topics } from '@glitchwatch/proto';
import {
  createLogger,
  createProcessRegistry,
  type Logger,
  parseConfig,
  runServices,
  type Service,
  startOpsServer,
  systemClock,
} from '@glitchwatch/service-kit';
import { describeStores } from '@glitchwatch/stores';
import { Command, Option } from 'commander';
import { lockDataDir } from '../data-dir-lock.js';
import { createDemoService } from '../demo/demo-service.js';
import { explorerDir } from '../explorer-dir.js';
import { type ModelFlags, type ModelPlace, modelPlaceOf } from '../model-location.js';
import {
  deviceOption,
  logLevelOption,
  modelOptions,
  serverOptions,
  wholeNumber,
} from '../options.js';
import { say } from '../output.js';
import { openStores, type StoreFlags, type Stores, storeSettingsOf } from '../stores.js';

interface StartFlags extends StoreFlags, ModelFlags {
  readonly demo?: boolean;
  readonly host: string;
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly ingestHttpPort: number;
  readonly ingestGrpcPort: number;
  readonly metricsPort: number;
  readonly minFit: number;
  readonly refitEveryCount?: number;
  readonly refitEverySec?: number;
  readonly device: 'cpu' | 'cuda';
  readonly logLevel: 'error' | 'warn' | 'info' | 'debug';
}

/** A night in minutes: the demo refits often, so that the new kind soon becomes a family. */
const demoFits = {
  refitEveryCount: 150,
  refitGrowth: 0.1,
  refitEverySec: 60,
  // A few hundred glitches of eight kinds: smoother densities keep a kind in one piece.
  minSamples: 10,
} as const;

function clustererConfigOf(flags: StartFlags): ClustererConfig {
  const values = {
    ...(flags.demo ? demoFits : {}),
    minFit: flags.minFit,
    // The data folder's lock admits one `start`: after a kill the next one leads at once.
    holder: 'start',
    ...(flags.refitEveryCount === undefined ? {} : { refitEveryCount: flags.refitEveryCount }),
    ...(flags.refitEverySec === undefined ? {} : { refitEverySec: flags.refitEverySec }),
  };
  return parseConfig(clustererConfigSchema, values, 'clusterer');
}

function buildServices(
  flags: StartFlags,
  stores: Stores,
  { logger, model }: { readonly logger: Logger; readonly model: ModelPlace },
) {
  const registry = createProcessRegistry();
  const context = { ...stores, logger, registry, clock: systemClock };
  const { host } = flags;
  const ingest = createIngestService(
    parseConfig(
      ingestConfigSchema,
      { http: { host, port: flags.ingestHttpPort }, grpc: { host, port: flags.ingestGrpcPort } },
      'ingest',
    ),
    context,
  );
  const embedder = createEmbedderService(
    parseConfig(
      embedderConfigSchema,
      // Its gRPC is for the gateway below: any free port of this machine does.
      { ...model, device: flags.device, grpcPort: 0 },
      'embedder',
    ),
    context,
  );
  const clusterer = createClustererService(clustererConfigOf(flags), context);
  const gateway = createGatewayService(
    {
      host,
      httpPort: flags.httpPort,
      grpcPort: flags.grpcPort,
      explorerDir: explorerDir(),
      minFitGlitches: flags.minFit,
    },
    { ...context, embedderAddress: () => embedder.grpcAddress },
  );
  return { registry, ingest, embedder, clusterer, gateway };
}

async function glitchesKept({ log }: Stores): Promise<number> {
  const partitions = await log.offsets(topics.triggers);
  return partitions.reduce((sum, { low, high }) => sum + Number(high - low), 0);
}

async function runStart(flags: StartFlags, signal: AbortSignal): Promise<void> {
  const dataDir = flags.dataDir ?? (flags.demo ? '.glitchwatch/demo' : '.glitchwatch/data');
  const lock = await lockDataDir(dataDir);
  const logger = createLogger({
    name: 'glitchwatch',
    level: flags.logLevel,
    pretty: process.stderr.isTTY === true,
  });
  let stores: Stores | undefined;
  try {
    const settings = await storeSettingsOf({ ...flags, dataDir });
    stores = await openStores(settings, logger);
    const model = await modelPlaceOf(flags);
    const { registry, ingest, embedder, clusterer, gateway } = buildServices(flags, stores, {
      logger,
      model,
    });
    const services: Service[] = [gateway, clusterer, embedder, ingest];
    const kept = await glitchesKept(stores);
    const demo = flags.demo
      ? createDemoService({ ingest, state: stores.state, logger, known: kept })
      : undefined;
    const ops = await startOpsServer({
      host: flags.host,
      port: flags.metricsPort,
      registry,
      services,
      logger,
    });
    const announce: Service = {
      name: 'announcement',
      readiness: () => ({ ready: true, detail: 'said' }),
      stop: async () => undefined,
      async start() {
        say(
          banner({
            gateway,
            ingest,
            ops,
            where: describeStores(settings),
            kept,
            isDemo: flags.demo === true,
          }),
        );
      },
    };
    let failure: unknown;
    process.exitCode = await runServices([...services, announce, ...(demo ? [demo] : [])], {
      logger,
      signal,
      onStartFailure: (error) => {
        failure = error;
      },
    });
    await ops.close();
    if (failure !== undefined) throw failure;
  } finally {
    await stores?.close();
    await lock.release();
  }
}

interface BannerFacts {
  readonly gateway: { readonly httpUrl: string; readonly grpcAddress: string };
  readonly ingest: {
    readonly httpUrl: string | undefined;
    readonly grpcAddress: string | undefined;
  };
  readonly ops: { readonly url: string };
  /** Of the log, state and models. */
  readonly where: string;
  readonly kept: number;
  readonly isDemo: boolean;
}

function banner({ gateway, ingest, ops, where, kept, isDemo }: BannerFacts): string {
  return [
    '',
    `  Glitchwatch   ${gateway.httpUrl}`,
    '',
    `  subscribe     ${gateway.grpcAddress} (gRPC)`,
    `  hand in       ${ingest.httpUrl}/v1/triggers, ${ingest.grpcAddress} (gRPC)`,
    `  metrics       ${ops.url}/metrics`,
    `  data          ${where} (${kept} glitches kept)`,
    isDemo
      ? '  demo          simulated glitches; a morphology not seen before follows in a minute'
      : '  next          npx glitchwatch ingest images DIR',
    '  Ctrl-C stops it; the next start goes on.',
    '',
  ].join('\n');
}

const portOption = (flag: string, what: string, port: number) =>
  new Option(`${flag} <port>`, what).default(port).argParser(wholeNumber(0, 65_535));

export function startCommand(signal: AbortSignal): Command {
  const command = new Command('start')
    .description('everything in one process: ingest, embedder, clusterer, gateway and explorer')
    .option('--demo', 'feed it simulated live glitches, one kind of them new')
    .addOption(
      new Option(
        '--data-dir <dir>',
        'folder of the log, models and state (default: .glitchwatch/data, .glitchwatch/demo)',
      ).env('GLITCHWATCH_DATA_DIR'),
    )
    .addOption(new Option('--host <address>', 'address to listen on').default('127.0.0.1'))
    .addOption(portOption('--http-port', 'explorer and JSON', 8080))
    .addOption(portOption('--grpc-port', 'gateway gRPC', 50_051))
    .addOption(portOption('--ingest-http-port', 'POST /v1/triggers', 8081))
    .addOption(portOption('--ingest-grpc-port', 'SubmitTriggers', 50_052))
    .addOption(portOption('--metrics-port', 'health and Prometheus metrics', 9464))
    .addOption(
      new Option('--min-fit <n>', 'glitches before the first map')
        .default(200)
        .argParser(wholeNumber(4)),
    )
    .addOption(
      new Option('--refit-every-count <n>', 'refit after this many new glitches').argParser(
        wholeNumber(1),
      ),
    )
    .addOption(
      new Option('--refit-every-sec <s>', 'refit after this time').argParser(wholeNumber(1)),
    );
  for (const option of [...serverOptions(), ...modelOptions()]) command.addOption(option);
  return command
    .addOption(deviceOption())
    .addOption(logLevelOption())
    .action((flags: StartFlags) => runStart(flags, signal));
}
