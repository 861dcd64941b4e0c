import {
  type AssignmentDigest,
  clustererConfigSchema,
  createClustererService,
} from '@glitchwatch/clusterer';
import type { OutgoingRecord } from '@glitchwatch/event-log';
import { topics } from '@glitchwatch/proto';
import { createLogger, createRegistry, parseConfig, systemClock } from '@glitchwatch/service-kit';
import { openWorkStores, type Stores } from '../stores.js';
import { Answers } from './answers.js';

/** A log as it came about: embeddings, and between them the activations of models. */
export interface Recording {
  /** Activation `i` comes after part `i`; the last part is followed by none. */
  readonly parts: readonly (readonly OutgoingRecord[])[];
  readonly activations: readonly OutgoingRecord[];
  readonly snapshots: ReadonlyMap<string, Uint8Array>;
  readonly digest: AssignmentDigest;
}

/**
 * Puts the embeddings through a clusterer, in as many parts as there are fits and one
 * more, and keeps what the log and the blob store have in the end.
 */
export async function record(
  dataDir: string,
  embeddings: readonly OutgoingRecord[],
  { fits, signal }: { readonly fits: number; readonly signal: AbortSignal },
): Promise<Recording> {
  const stores = await openWorkStores(dataDir);
  const reading = new AbortController();
  const answers = new Answers(stores.log, AbortSignal.any([signal, reading.signal]));
  const following = answers.follow();
  const values = { automaticFits: false, maxReference: embeddings.length };
  const service = createClustererService(parseConfig(clustererConfigSchema, values, 'clusterer'), {
    ...stores,
    logger: createLogger({ name: 'bench', level: 'warn' }),
    registry: createRegistry(),
    clock: systemClock,
  });
  await service.start();
  try {
    const length = Math.ceil(embeddings.length / (fits + 1));
    const parts = Array.from({ length: fits + 1 }, (_, i) =>
      embeddings.slice(i * length, (i + 1) * length),
    );
    let known = 0;
    for (const [i, part] of parts.entries()) {
      await stores.log.append(part);
      known += part.length;
      if (i > 0) await answers.until(i, known);
      if (i < fits) {
        await service.fitNow();
        await answers.until(i + 1, known);
      }
    }
    return {
      parts,
      activations: await activationsOf(stores, signal),
      snapshots: await snapshotsOf(stores),
      digest: answers.digest(),
    };
  } finally {
    await service.stop();
    reading.abort();
    await following;
    await stores.close();
  }
}

async function activationsOf({ log }: Stores, signal: AbortSignal): Promise<OutgoingRecord[]> {
  const activations: OutgoingRecord[] = [];
  const tail = { topic: topics.models, from: 'earliest', signal, stopAtEnd: true } as const;
  for await (const { records } of log.tail(tail))
    for (const { topic, key, value, headers } of records)
      activations.push({ topic, key, value, headers });
  return activations;
}

async function snapshotsOf({ blobs }: Stores): Promise<Map<string, Uint8Array>> {
  const snapshots = new Map<string, Uint8Array>();
  for (const key of await blobs.list('models/')) snapshots.set(key, await blobs.get(key));
  return snapshots;
}
