import type { ConnectionOptions } from 'node:tls';
import { EventLogError } from '../errors.js';

/** Name and password; SCRAM keeps the password off the wire. "plain" only over TLS. */
export interface KafkaSaslOptions {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

/** Where the client's own log lines go; all are told as "debug", what matters is thrown or told otherwise. */
export interface KafkaLogger {
  debug(details: object, message: string): void;
}

export interface KafkaEventLogOptions {
  /** "host:port" of some brokers of the cluster; the others are found through them. */
  readonly brokers: readonly string[];
  /** Shown in the broker's logs and quotas. Default "glitchwatch". */
  readonly clientId?: string | undefined;
  /** True for the system's certificate authorities; or options of node:tls (ca, cert, key …). */
  readonly ssl?: boolean | ConnectionOptions | undefined;
  readonly sasl?: KafkaSaslOptions | undefined;
  /** Put before every topic and group name, so that several logs may share a cluster. Default "". */
  readonly topicPrefix?: string | undefined;
  /** Of topics made here; the broker's default when absent. From 3 on, `min.insync.replicas` is 2. */
  readonly replicationFactor?: number | undefined;
  /** Of batches sent from here. Default "none": what is large in this log is compressed already. */
  readonly compression?: 'none' | 'gzip' | undefined;
  /** How long an append goes on trying before it is `unavailable`. Default 60 000. */
  readonly deliveryTimeoutMs?: number | undefined;
  /** How long every other call, and the opening, go on trying. Default 30 000. */
  readonly requestDeadlineMs?: number | undefined;
  /** Of one TCP and TLS handshake. Default 3000. */
  readonly connectionTimeoutMs?: number | undefined;
  readonly logger?: KafkaLogger | undefined;
}

/** The same, checked and complete. */
export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl: boolean | ConnectionOptions;
  readonly sasl: KafkaSaslOptions | undefined;
  readonly topicPrefix: string;
  readonly replicationFactor: number | undefined;
  readonly compression: 'none' | 'gzip';
  readonly deliveryTimeoutMs: number;
  readonly requestDeadlineMs: number;
  readonly connectionTimeoutMs: number;
  readonly logger: KafkaLogger | undefined;
}

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'];

/** Throws `bad_request` that names the option. */
export function checkKafkaOptions(options: KafkaEventLogOptions): KafkaSettings {
  const { brokers, sasl, topicPrefix = '', replicationFactor, compression = 'none' } = options;
  if (brokers.length === 0) refuse('brokers', 'at least one "host:port"', 'none');
  for (const broker of brokers) checkBroker(broker);
  if (sasl !== undefined) checkSasl(sasl);
  if (!/^[a-zA-Z0-9._-]{0,100}$/.test(topicPrefix)) {
    refuse('topicPrefix', 'up to 100 of [a-zA-Z0-9._-]', JSON.stringify(topicPrefix.slice(0, 120)));
  }
  if (replicationFactor !== undefined) inRange('replicationFactor', replicationFactor, 1, 32);
  if (compression !== 'none' && compression !== 'gzip') {
    refuse('compression', '"none" or "gzip"', JSON.stringify(compression));
  }
  return {
    brokers,
    clientId: options.clientId ?? 'glitchwatch',
    ssl: options.ssl ?? false,
    sasl,
    topicPrefix,
    replicationFactor,
    compression,
    deliveryTimeoutMs: inRange(
      'deliveryTimeoutMs',
      options.deliveryTimeoutMs ?? 60_000,
      100,
      3.6e6,
    ),
    requestDeadlineMs: inRange(
      'requestDeadlineMs',
      options.requestDeadlineMs ?? 30_000,
      100,
      3.6e6,
    ),
    connectionTimeoutMs: inRange(
      'connectionTimeoutMs',
      options.connectionTimeoutMs ?? 3000,
      50,
      120_000,
    ),
    logger: options.logger,
  };
}

function checkBroker(broker: string): void {
  const [, port] = /^(?:\[[0-9a-fA-F:.]+\]|[^\s:/]+):(\d{1,5})$/.exec(broker) ?? [];
  if (port !== undefined && Number(port) >= 1 && Number(port) <= 65_535) return;
  refuse('brokers', '"host:port"', JSON.stringify(broker));
}

function checkSasl(sasl: KafkaSaslOptions): void {
  if (!mechanisms.includes(sasl.mechanism)) {
    refuse('sasl.mechanism', `one of ${mechanisms.join(', ')}`, JSON.stringify(sasl.mechanism));
  }
  if (typeof sasl.username !== 'string' || sasl.username === '') {
    refuse('sasl.username', 'a name', 'none');
  }
  if (typeof sasl.password !== 'string' || sasl.password === '') {
    refuse('sasl.password', 'a password', 'none');
  }
}

function inRange(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  return refuse(name, `a whole number from ${least} to ${most}`, String(value));
}

function refuse(name: string, expected: string, found: string): never {
  throw new EventLogError(
    'bad_request',
    `kafka event log: expected ${name} to be ${expected}, found ${found}`,
  );
}
