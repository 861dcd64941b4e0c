import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BlobStore, openFolderBlobStore } from '@glitchwatch/blob-store';
import { type EventLog, openEmbeddedEventLog } from '@glitchwatch/event-log';
import type { Logger } from '@glitchwatch/service-kit';
import { openEmbeddedStateStore, type StateStore } from '@glitchwatch/state-store';
import { openKafka } from './kafka.js';
import { openRedis } from './redis.js';
import type { StoreSettings } from './settings.js';

export interface Stores {
  readonly log: EventLog;
  readonly state: StateStore;
  readonly blobs: BlobStore;
  /** May be called twice. */
  close(): Promise<void>;
}

/** The log alone, for a service that needs nothing else. */
export async function openEventLog(settings: StoreSettings, logger: Logger): Promise<EventLog> {
  if (settings.kafka !== undefined) return openKafka(settings.kafka, logger);
  return openEmbeddedEventLog({ dir: await folder(settings, 'log') });
}

export async function openStateStore(settings: StoreSettings, logger: Logger): Promise<StateStore> {
  if (settings.redis !== undefined) return openRedis(settings.redis, logger);
  return openEmbeddedStateStore({ dir: await folder(settings, 'state') });
}

export async function openBlobStore(settings: StoreSettings): Promise<BlobStore> {
  return openFolderBlobStore({ dir: await folder(settings, 'blobs') });
}

/** @throws the errors of the stores; what was open by then is closed. */
export async function openStores(settings: StoreSettings, logger: Logger): Promise<Stores> {
  const opened: { close(): Promise<void> }[] = [];
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= (async () => {
      for (const store of opened) await store.close();
    })();
    return closed;
  };
  try {
    const log = await openEventLog(settings, logger);
    opened.push(log);
    const state = await openStateStore(settings, logger);
    opened.push(state);
    const blobs = await openBlobStore(settings);
    return { log, state, blobs, close };
  } catch (error) {
    // Their threads and connections would keep the process alive.
    await close();
    throw error;
  }
}

/** Where the log and the state are, without user names and passwords. */
export function describeStores({ dataDir, kafka, redis }: StoreSettings): string {
  if (kafka === undefined && redis === undefined) return dataDir;
  return [
    kafka === undefined ? `log in ${dataDir}` : `log on Kafka at ${kafka.brokers.join(', ')}`,
    redis === undefined ? `state in ${dataDir}` : `state on Redis at ${new URL(redis.url).host}`,
    `models in ${dataDir}`,
  ].join('; ');
}

async function folder({ dataDir }: StoreSettings, name: string): Promise<string> {
  const dir = join(dataDir, name);
  await mkdir(dir, { recursive: true });
  return dir;
}
