import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BlobStore, openFolderBlobStore } from '@glitchwatch/blob-store';
import { type EventLog, openEmbeddedEventLog } from '@glitchwatch/event-log';
import { topicLayouts } from '@glitchwatch/proto';
import { openEmbeddedStateStore, type StateStore } from '@glitchwatch/state-store';

/** The embedded adapters of one data folder. */
export interface Stores {
  readonly log: EventLog;
  readonly state: StateStore;
  readonly blobs: BlobStore;
  close(): Promise<void>;
}

export async function openStores(dataDir: string): Promise<Stores> {
  await mkdir(dataDir, { recursive: true });
  const log = await openEmbeddedEventLog({ dir: join(dataDir, 'log') });
  await log.ensureTopics(topicLayouts);
  const state = await openEmbeddedStateStore({ dir: join(dataDir, 'state') });
  const blobs = await openFolderBlobStore({ dir: join(dataDir, 'blobs') });
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
