import {
  consumeWithDeadLetters,
  type GroupConsumer,
  type LogRecord,
  type RecordOutcome,
} from '@glitchwatch/event-log';
import {
  Embedding,
  embeddingEventId,
  Glitch,
  headerNames,
  messageHeaders,
  topicLayouts,
  topics,
} from '@glitchwatch/proto';
import {
  type Readiness,
  type Service,
  type ServiceContext,
  trackLag,
} from '@glitchwatch/service-kit';
import type { EmbedderConfig } from './config.js';
import { createEmbedder, type Embedder, type EmbedResult } from './embedder.js';
import { EmbedderError, reasonOf } from './errors.js';
import { createTelemetry } from './metrics.js';

type Poison = Extract<RecordOutcome, { kind: 'poison' }>;

function poisonOf(error: EmbedderError): Poison {
  return { kind: 'poison', code: error.code, message: error.message };
}

/** The glitch in a record, or why there is none. */
function glitchOf(record: LogRecord): Glitch | EmbedderError {
  try {
    return Glitch.decode(record.value);
  } catch (error) {
    return new EmbedderError(
      'bad_glitch',
      `${record.topic}/${record.partition} offset ${record.offset}: expected a Glitch message of ` +
        `${record.value.length} bytes, found ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

/**
 * Embeds what comes in on glitch.triggers and publishes it on glitch.embeddings.
 *
 * A glitch that cannot be embedded goes to the dead-letter topic. When no
 * worker can be started the batch stays uncommitted and comes again: nothing
 * accepted is lost because a network would not run.
 */
export function createEmbedderService(config: EmbedderConfig, context: ServiceContext): Service {
  const { log, logger, registry, clock } = context;
  const telemetry = createTelemetry(registry, logger, config.device);
  const stopping = new AbortController();
  let embedder: Embedder | undefined;
  let consumer: GroupConsumer | undefined;

  const embeddingRecord = (
    network: Embedder,
    glitch: Glitch,
    record: LogRecord,
    result: Extract<EmbedResult, { kind: 'embedding' }>,
  ): RecordOutcome => {
    const glitchId = glitch.trigger?.glitchId ?? '';
    const embedding = Embedding.fromPartial({
      trigger: glitch.trigger,
      vector: Array.from(result.vector),
      embedder: network.name,
      embedderSha256: network.sha256,
      windowsSec: result.windowsSec,
      ingestedAtMs: glitch.ingestedAtMs,
      embeddedAtMs: BigInt(Math.round(clock.nowMs())),
    });
    const trace = record.headers[headerNames.trace];
    return {
      kind: 'done',
      outputs: [
        {
          topic: topics.embeddings,
          key: glitchId,
          value: Embedding.encode(embedding).finish(),
          headers: {
            ...messageHeaders('Embedding', embeddingEventId(glitchId, network.sha256)),
            ...(trace === undefined ? {} : { [headerNames.trace]: trace }),
          },
        },
      ],
    };
  };

  const processRecords = async (
    network: Embedder,
    records: readonly LogRecord[],
    signal: AbortSignal,
  ): Promise<readonly RecordOutcome[]> => {
    const decoded = records.map(glitchOf);
    const glitches = decoded.filter(
      (glitch): glitch is Glitch => !(glitch instanceof EmbedderError),
    );
    const results = await network.embedEach(glitches, signal);
    let next = 0;
    return records.map((record, i): RecordOutcome => {
      const glitch = decoded[i];
      const failed = (error: EmbedderError): RecordOutcome => {
        telemetry.glitchFailed(error);
        return poisonOf(error);
      };
      if (glitch === undefined || glitch instanceof EmbedderError) {
        return failed(glitch ?? new EmbedderError('bad_glitch', 'no such record'));
      }
      const result = results[next++];
      if (result?.kind !== 'embedding') {
        return failed(result?.error ?? new EmbedderError('bad_glitch', 'no result'));
      }
      telemetry.glitchEmbedded(1);
      return embeddingRecord(network, glitch, record, result);
    });
  };

  return {
    name: 'embedder',
    async start() {
      await log.ensureTopics(topicLayouts);
      const network = await createEmbedder({ ...config, events: telemetry });
      embedder = network;
      logger.info(
        {
          model: network.name,
          sha256: network.sha256,
          dimension: network.dimension,
          device: network.device,
        },
        'model loaded',
      );
      if (!network.checksumKnown) {
        logger.warn(
          { model: network.name, sha256: network.sha256 },
          'model.json does not vouch for this network',
        );
      }
      consumer = await consumeWithDeadLetters(log, {
        groupId: config.groupId,
        topics: [topics.triggers],
        maxBatchRecords: config.maxBatchRecords,
        process: (records, { signal }) => processRecords(network, records, signal),
        onError: (error, batch) => {
          logger.error(
            { err: error, topic: batch?.topic, partition: batch?.partition },
            'batch failed, it will come again',
          );
        },
      });
      void trackLag(
        log,
        registry,
        config.groupId,
        [topics.triggers],
        config.lagIntervalMs,
        stopping.signal,
      );
    },
    async stop() {
      stopping.abort();
      await consumer?.stop();
      await embedder?.close();
    },
    readiness(): Readiness {
      if (embedder === undefined) return { ready: false, detail: 'model not loaded yet' };
      if (stopping.signal.aborted) return { ready: false, detail: 'stopping' };
      if (embedder.aliveWorkers() === 0)
        return { ready: false, detail: 'no inference worker alive' };
      if (consumer === undefined) return { ready: false, detail: 'not consuming yet' };
      const partitions = consumer.assignedPartitions().length;
      return {
        ready: true,
        detail: `${embedder.name} on ${embedder.device}, ${partitions} partition(s) of ${topics.triggers}`,
      };
    },
  };
}
