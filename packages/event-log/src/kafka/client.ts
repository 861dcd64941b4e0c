import {
  type Cluster,
  Kafka,
  logLevel,
  PartitionAssigners,
  type RetryOptions,
  type SASLOptions,
} from 'kafkajs';
import type { KafkaSettings } from './options.js';
import { Sockets } from './sockets.js';

/** One request without an answer is given up after this long; the port's calls try again. */
export const REQUEST_TIMEOUT_MS = 20_000;

export interface KafkaClient {
  readonly kafka: Kafka;
  /** Cuts every connection at once and for good. */
  cut(): void;
}

export interface ClientOptions {
  readonly settings: KafkaSettings;
  readonly retry: RetryOptions;
  /** See `Sockets`. */
  readonly silenceMs?: number;
}

/** Few tries inside kafkajs: the calls around it try again, on fresh connections and until a deadline. */
export const fewRetries: RetryOptions = { retries: 2, initialRetryTime: 50, maxRetryTime: 500 };

export function createClient({ settings, retry, silenceMs }: ClientOptions): KafkaClient {
  const { brokers, clientId, ssl, sasl, logger } = settings;
  const sockets = new Sockets(silenceMs ?? REQUEST_TIMEOUT_MS);
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId,
    ssl,
    // The union is spelt by mechanism there; all three take a name and a password.
    ...(sasl === undefined ? {} : { sasl: sasl as SASLOptions }),
    connectionTimeout: settings.connectionTimeoutMs,
    authenticationTimeout: settings.connectionTimeoutMs,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry,
    socketFactory: sockets.create,
    logLevel: logger === undefined ? logLevel.NOTHING : logLevel.INFO,
    // kafkajs calls normal things errors: a coordinator that loads, a topic that exists.
    logCreator:
      () =>
      ({ namespace, label, log: { message, timestamp: _, ...details } }) =>
        logger?.debug({ kafkajs: namespace, label, ...details }, message),
  });
  return { kafka, cut: () => sockets.close() };
}

/** A connection to the cluster outside any group: metadata, offsets, fetches. */
export interface ClusterLink {
  readonly cluster: Cluster;
  cut(): void;
}

/**
 * kafkajs reads only through groups, whose joining takes seconds on a usual
 * broker. It does hand its cluster connection to partition assigners, though: one
 * that never joins borrows it from there, and fetches without a group.
 */
export async function openClusterLink(settings: KafkaSettings): Promise<ClusterLink> {
  const { kafka, cut } = createClient({ settings, retry: fewRetries });
  let cluster: Cluster | undefined;
  kafka.consumer({
    groupId: 'never-joined',
    allowAutoTopicCreation: false,
    retry: fewRetries,
    partitionAssigners: [
      (config) => {
        cluster = config.cluster;
        return PartitionAssigners.roundRobin(config);
      },
    ],
  });
  if (cluster === undefined) throw new Error('kafkajs made a consumer without its assigner');
  try {
    await cluster.connect();
  } catch (error) {
    cut();
    throw error;
  }
  return { cluster, cut };
}
