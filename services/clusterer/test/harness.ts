import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type BlobStore, openFolderBlobStore } from '@glitchwatch/blob-store';
import { type EventLog, type LogRecord, openEmbeddedEventLog } from '@glitchwatch/event-log';
import {
  Alert,
  Assignment,
  FamilyEvent,
  ModelActivated,
  topicLayouts,
  topics,
} from '@glitchwatch/proto';
import { createLogger, createRegistry, parseConfig, systemClock } from '@glitchwatch/service-kit';
import { openEmbeddedStateStore, type StateStore } from '@glitchwatch/state-store';
import { clustererConfigSchema } from '../src/config.js';
import { type ClustererService, createClustererService } from '../src/service.js';

export interface Ports {
  readonly log: EventLog;
  readonly state: StateStore;
  readonly blobs: BlobStore;
  close(): Promise<void>;
}

export async function openPorts(dir: string): Promise<Ports> {
  const log = await openEmbeddedEventLog({ dir: join(dir, 'log') });
  await log.ensureTopics(topicLayouts);
  const state = await openEmbeddedStateStore({ dir: join(dir, 'state') });
  const blobs = await openFolderBlobStore({ dir: join(dir, 'blobs') });
  return {
    log,
    state,
    blobs,
    async close() {
      await log.close();
      await state.close();
    },
  };
}

export interface RunningClusterer {
  readonly service: ClustererService;
  metrics(): Promise<string>;
}

/** The true service on the true adapters, with quick ticks and small models. */
export async function startClusterer(
  ports: Ports,
  values: Readonly<Record<string, unknown>> = {},
): Promise<RunningClusterer> {
  const registry = createRegistry();
  const config = parseConfig(
    clustererConfigSchema,
    {
      tickMs: 20,
      leaseTtlMs: 1_000,
      umapEpochs: 100,
      minClusterSize: 5,
      // These tests count the alerts of emergent families.
      falseOutliersPerDay: 0,
      falseBurstsPerDay: 0,
      ...values,
    },
    'clusterer',
  );
  const logger = createLogger({ name: 'clusterer', level: process.env.TEST_LOG ?? 'silent' });
  const service = createClustererService(config, {
    ...ports,
    logger,
    registry,
    clock: systemClock,
  });
  await service.start();
  return { service, metrics: () => registry.metrics() };
}

export async function temporaryFolder(): Promise<{
  readonly dir: string;
  remove(): Promise<void>;
}> {
  const dir = await mkdtemp(join(tmpdir(), 'glitchwatch-clusterer-test-'));
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

export async function until<T>(
  what: string,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  deadlineMs = 30_000,
): Promise<T> {
  const giveUpAt = performance.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > giveUpAt) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await delay(10);
  }
}

/** Waits until the leader's novelty watch has seen every assignment that is on the log. */
export async function watched(log: EventLog): Promise<void> {
  await until(
    'the novelty watch to have seen everything',
    async () =>
      (await log.lag('clusterer-watch', [topics.assignments])).every(({ lag }) => lag === 0n),
    60_000,
  );
}

export async function readTopic(log: EventLog, topic: string): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  const { signal } = new AbortController();
  for await (const batch of log.tail({ topic, from: 'earliest', signal, stopAtEnd: true }))
    records.push(...batch.records);
  return records;
}

export async function readAssignments(log: EventLog): Promise<Assignment[]> {
  return (await readTopic(log, topics.assignments)).map(({ value }) => Assignment.decode(value));
}

export async function readModels(log: EventLog): Promise<ModelActivated[]> {
  return (await readTopic(log, topics.models)).map(({ value }) => ModelActivated.decode(value));
}

export async function readAlerts(log: EventLog): Promise<Alert[]> {
  return (await readTopic(log, topics.alerts)).map(({ value }) => Alert.decode(value));
}

export async function readFamilyEvents(log: EventLog): Promise<FamilyEvent[]> {
  return (await readTopic(log, topics.families)).map(({ value }) => FamilyEvent.decode(value));
}

/** "glitch version" of every assignment that comes more than once. */
export function repeatedAssignments(assignments: readonly Assignment[]): string[] {
  const seen = new Set<string>();
  const repeated: string[] = [];
  for (const { glitchId, modelVersion } of assignments) {
    const key = `${glitchId} ${modelVersion}`;
    if (seen.has(key)) repeated.push(key);
    seen.add(key);
  }
  return repeated;
}
