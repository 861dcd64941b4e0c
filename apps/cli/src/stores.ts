import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BlobStore, openFolderBlobStore } from '@glitchwatch/blob-store';
import { type EventLog, openEmbeddedEventLog } from '@glitchwatch/event-log';
import { topicLayouts } from '@glitchwatch/proto';
import { openEmbeddedStateStore, type StateStore } from '@glitchwatch/state-store';
import { requireRoom } from './disk-room.js';

/** The embedded adapters of one data folder. */
export interface Stores {
  readonly log: EventLog;
  readonly state: StateStore;
  readonly blobs: BlobStore;
  close(): Promise<void>;
}

/** @throws CliError `disk_full`; the errors of the stores. */
export async function openStores(dataDir: string): Promise<Stores> {
  await mkdir(dataDir, { recursive: true });
  await requireRoom(dataDir);
  const opened: { close(): Promise<void> }[] = [];
  const close = async () => {
    for (const store of opened) await store.close();
  };
  try {
    const log = await openEmbeddedEventLog({ dir: join(dataDir, 'log') });
    opened.push(log);
    await log.ensureTopics(topicLayouts);
    const state = await openEmbeddedStateStore({ dir: join(dataDir, 'state') });
    opened.push(state);
    const blobs = await openFolderBlobStore({ dir: join(dataDir, 'blobs') });
    return { log, state, blobs, close };
  } catch (error) {
    // Their threads would keep the process alive.
    await close();
    throw error;
  }
}
