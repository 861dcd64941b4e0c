import { createRequire } from 'node:module';
import {
  consumeWithDeadLetters,
  type GroupConsumer,
  type LogRecord,
  type RecordOutcome,
} from '@glitchwatch/event-log';
import { EmbedderServiceService, topicLayouts, topics } from '@glitchwatch/proto';
import {
  type GrpcServer,
  type Readiness,
  type Service,
  type ServiceContext,
  startGrpcServer,
  trackLag,
} from '@glitchwatch/service-kit';
import type { EmbedderConfig } from './config.js';
import { createEmbedder, type Embedder, type EmbedderOptions } from './embedder.js';
import { decodeRecord, embeddingRecord, poisonOf } from './embedding-record.js';
import { asEmbedderError, EmbedderError } from './errors.js';
import { GoldenCheck } from './golden/golden-check.js';
import { type Golden, readGolden } from './golden/golden-set.js';
import { runtimeName } from './golden/runtime-name.js';
import { explainHandler } from './handlers/explain.js';
import { createTelemetry } from './metrics.js';

export interface EmbedderService extends Service {
  /** Where it explains, once started; undefined where switched off. */
  readonly grpcAddress: string | undefined;
}

/**
 * Embeds what comes in on glitch.triggers and publishes it on glitch.embeddings.
 *
 * A glitch that cannot be embedded goes to the dead-letter topic. When no
 * worker can be started the batch stays uncommitted and comes again: nothing
 * accepted is lost because a network would not run.
 */
export function createEmbedderService(
  config: EmbedderConfig,
  context: ServiceContext,
  /** A worker script of the caller's own: the load benchmark leaves the network out. */
  overrides: Pick<EmbedderOptions, 'workerUrl' | 'unpackerUrl'> = {},
): EmbedderService {
  const { log, logger, registry, clock } = context;
  const telemetry = createTelemetry(registry, logger, config.device);
  const stopping = new AbortController();
  let embedder: Embedder | undefined;
  let consumer: GroupConsumer | undefined;
  let starting: Promise<void> | undefined;
  let lagging: Promise<void> | undefined;
  let checking: Promise<void> | undefined;
  let grpc: GrpcServer | undefined;

  const processRecords = async (
    network: Embedder,
    records: readonly LogRecord[],
    signal: AbortSignal,
  ): Promise<readonly RecordOutcome[]> => {
    const messages = records.map(decodeRecord);
    const results = await network.embedEach(
      messages.flatMap((message) => (message instanceof EmbedderError ? [] : [message])),
      signal,
    );
    const begun = performance.now();
    let next = 0;
    let embedded = 0;
    const outcomes = records.map((record, i): RecordOutcome => {
      const message = messages[i]!;
      if (message instanceof EmbedderError) return poisonOf(message);
      const result = results[next++];
      if (result === undefined) throw new Error(`no result for record ${i} of ${records.length}`);
      if (result.kind === 'failed') return poisonOf(result.error);
      embedded++;
      const output = embeddingRecord(record, message, result, network, clock.nowMs());
      return { kind: 'done', outputs: [output] };
    });
    telemetry.embedded(embedded);
    telemetry.publishing((performance.now() - begun) / 1000);
    return outcomes;
  };

  const loadNetwork = async (): Promise<Embedder> => {
    const network = await createEmbedder({ ...config, ...overrides, events: telemetry });
    const { name: model, sha256, dimension, device } = network;
    logger.info({ model, sha256, dimension, device, threads: config.threads }, 'model loaded');
    if (!network.checksumKnown) {
      logger.warn({ model, sha256 }, 'model.json does not vouch for this network');
    }
    return network;
  };

  const consumeWith = (network: Embedder): Promise<GroupConsumer> =>
    consumeWithDeadLetters(log, {
      groupId: config.groupId,
      topics: [topics.triggers],
      maxBatchRecords: config.maxBatchRecords,
      process: (records, { signal }) => processRecords(network, records, signal),
      onDeadLetter: (record, code, message) => telemetry.deadLetter(record, code, message),
      onError: (error, batch) => {
        const where = { topic: batch?.topic, partition: batch?.partition };
        logger.error({ err: error, ...where }, 'batch failed, it will come again');
      },
    });

  const checkGolden = async (network: Embedder): Promise<void> => {
    let golden: Golden;
    try {
      golden = await readGolden(config.goldenPath);
    } catch (error) {
      // Nobody's glitch depends on it.
      telemetry.onGoldenFailed(asEmbedderError(error));
      return;
    }
    const parts = { log, embedder: network, golden, runtime: runtimeName(), clock };
    const check = new GoldenCheck({ ...parts, events: telemetry });
    await check.run(config.goldenEverySec, stopping.signal);
  };

  const serveExplanations = async (): Promise<GrpcServer | undefined> => {
    const { host, grpcPort: port } = config;
    if (port === undefined) return undefined;
    const network = () => embedder;
    const explain = explainHandler({ network, logger, telemetry, stopping: stopping.signal });
    const server = await startGrpcServer({
      host,
      port,
      logger,
      services: [{ definition: EmbedderServiceService, implementation: { explain } }],
      descriptorSet: createRequire(import.meta.url).resolve('@glitchwatch/proto/descriptors'),
    });
    logger.info({ grpc: server.address }, 'embedder listens');
    return server;
  };

  const start = async (): Promise<void> => {
    await log.ensureTopics(topicLayouts);
    if (stopping.signal.aborted) return;
    embedder = await loadNetwork();
    if (stopping.signal.aborted) return;
    grpc = await serveExplanations();
    if (stopping.signal.aborted) return;
    consumer = await consumeWith(embedder);
    if (config.goldenEverySec > 0) checking = checkGolden(embedder);
    lagging = trackLag(
      log,
      registry,
      config.groupId,
      [topics.triggers],
      config.lagIntervalMs,
      stopping.signal,
    );
  };

  return {
    name: 'embedder',
    get grpcAddress() {
      return grpc?.address;
    },
    start() {
      starting = start();
      return starting;
    },
    async stop() {
      stopping.abort();
      // A start that failed has told its caller already.
      await starting?.catch(() => undefined);
      await grpc?.close();
      await consumer?.stop();
      await checking;
      await embedder?.close();
      await lagging;
    },
    readiness(): Readiness {
      if (stopping.signal.aborted) return { ready: false, detail: 'stopping' };
      if (embedder === undefined) return { ready: false, detail: 'model not loaded yet' };
      if (embedder.aliveWorkers() === 0) {
        return { ready: false, detail: 'no inference worker alive' };
      }
      if (consumer === undefined) return { ready: false, detail: 'not consuming yet' };
      const partitions = consumer.assignedPartitions().length;
      return {
        ready: true,
        detail: `${embedder.name} on ${embedder.device}, ${partitions} partition(s) of ${topics.triggers}`,
      };
    },
  };
}
