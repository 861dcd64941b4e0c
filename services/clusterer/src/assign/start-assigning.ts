import {
  consumeWithDeadLetters,
  type EventLog,
  EventLogError,
  type GroupConsumer,
} from '@glitchwatch/event-log';
import { topics } from '@glitchwatch/proto';
import type { ClustererConfig } from '../config.js';
import { AssignRole, type AssignRoleParts } from './assign-role.js';

export interface StartAssigningOptions extends Omit<AssignRoleParts, 'log'> {
  readonly config: ClustererConfig;
  readonly log: EventLog;
}

/** Joins the group of the assigners. `models` must be following already. */
export async function startAssigning({
  config,
  ...parts
}: StartAssigningOptions): Promise<GroupConsumer> {
  const { log, metrics, signal } = parts;
  const role = new AssignRole(parts);
  return await consumeWithDeadLetters(log, {
    groupId: config.groupId,
    topics: [topics.embeddings],
    maxBatchRecords: config.maxBatchRecords,
    process: (records) => role.process(records),
    onDeadLetter: (_record, code, message) => metrics.poison(code, message),
    onError: (error) => {
      if (signal.aborted) return;
      metrics.failed(error instanceof EventLogError ? error.code : 'internal', error);
    },
  });
}
