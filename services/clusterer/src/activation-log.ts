import { setTimeout as delay } from 'node:timers/promises';
import type { EventLog } from '@glitchwatch/event-log';
import { ModelActivated, topics } from '@glitchwatch/proto';
import { modelRecord } from './assignment-record.js';
import { asError, ClustererError } from './errors.js';
import { canSucceed } from './fence.js';
import { newestActivation } from './log-replay.js';

const RETRY_MS = 1_000;

/**
 * Appends an activation unless another is in its way. Looks at the log before and
 * after: only there can a deposed leader see that it is one.
 *
 * @throws ClustererError `superseded`: the activation is void, on the log or not.
 */
export async function appendActivation(
  log: Pick<EventLog, 'offsets' | 'read' | 'append'>,
  activation: ModelActivated,
): Promise<void> {
  const before = await newestActivation(log);
  if (!canSucceed(before, activation)) throw superseded(activation, before);
  await log.append([modelRecord(activation)]);
  const after = await newestActivation(log);
  if (after === undefined || after.snapshotSha256 === activation.snapshotSha256) return;
  // Compaction keeps the last record: the one in force must be it.
  await log.append([modelRecord(after)]);
  throw superseded(activation, after);
}

export interface FollowOptions {
  readonly from: ReadonlyMap<number, bigint>;
  readonly signal: AbortSignal;
  readonly take: (activation: ModelActivated) => Promise<void>;
  /** Told of each failure; the activation comes again. */
  readonly onError: (error: Error) => void;
}

/** Every activation on the log, in order, until `signal` aborts. */
export async function followActivations(
  log: Pick<EventLog, 'tail'>,
  { from, signal, take, onError }: FollowOptions,
): Promise<void> {
  const next = new Map(from);
  while (!signal.aborted) {
    try {
      for await (const batch of log.tail({ topic: topics.models, from: next, signal })) {
        for (const { value, offset } of batch.records) {
          await take(ModelActivated.decode(value));
          next.set(batch.partition, offset + 1n);
        }
      }
    } catch (thrown) {
      if (signal.aborted) return;
      onError(asError(thrown));
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

export function superseded(
  { modelVersion, fencingToken }: ModelActivated,
  inForce: ModelActivated | undefined,
): ClustererError {
  return new ClustererError(
    'superseded',
    `Model ${modelVersion} of fencing token ${fencingToken}: expected none newer on the log, found model ${inForce?.modelVersion} of token ${inForce?.fencingToken}; it is void`,
  );
}
