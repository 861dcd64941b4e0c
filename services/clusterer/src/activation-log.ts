import type { EventLog } from '@glitchwatch/event-log';
import type { ModelActivated } from '@glitchwatch/proto';
import { modelRecord } from './assignment-record.js';
import { ClustererError } from './errors.js';
import { canSucceed } from './fence.js';
import { newestActivation } from './log-replay.js';

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

export function superseded(
  { modelVersion, fencingToken }: ModelActivated,
  inForce: ModelActivated | undefined,
): ClustererError {
  return new ClustererError(
    'superseded',
    `Model ${modelVersion} of fencing token ${fencingToken}: expected none newer on the log, found model ${inForce?.modelVersion} of token ${inForce?.fencingToken}; it is void`,
  );
}
