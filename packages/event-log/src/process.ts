import { deadLetterOf, deadLetterTopicOf } from './dead-letters.js';
import { EventLogError } from './errors.js';
import { checkRecordSize } from './limits.js';
import type {
  BatchContext,
  ConsumeOptions,
  EventLog,
  GroupConsumer,
  LogRecord,
  OutgoingRecord,
  RecordBatch,
} from './port.js';

/** What came of one record. */
export type RecordOutcome =
  | { readonly kind: 'done'; readonly outputs: readonly OutgoingRecord[] }
  /** Bad input: the record goes to the dead-letter topic and the rest goes on. */
  | { readonly kind: 'poison'; readonly code: string; readonly message: string };

/**
 * Gives one outcome per record, in order. Throwing means that something else than
 * the records is at fault: the whole batch comes again.
 */
export type RecordProcessor = (
  records: readonly LogRecord[],
  context: BatchContext,
) => Promise<readonly RecordOutcome[]>;

export interface ConsumeWithDeadLettersOptions extends Omit<ConsumeOptions, 'handler'> {
  readonly process: RecordProcessor;
  /** Told of each dead letter as its batch is handed to the log: for counters and log lines. */
  readonly onDeadLetter?: ((record: LogRecord, code: string, message: string) => void) | undefined;
}

/**
 * Consumes with a dead-letter topic `<topic>.<group>.dlq` per topic, made here where
 * missing. Outputs and dead letters of a batch are appended before it is committed,
 * where the adapter can do so in the very same transaction.
 */
export async function consumeWithDeadLetters(
  log: EventLog,
  { process, onDeadLetter, ...options }: ConsumeWithDeadLettersOptions,
): Promise<GroupConsumer> {
  await log.ensureTopics(
    options.topics.map((topic) => ({
      name: deadLetterTopicOf(topic, options.groupId),
      partitions: 1,
      cleanup: 'delete',
    })),
  );
  const handler = async (
    batch: RecordBatch,
    context: BatchContext,
  ): Promise<readonly OutgoingRecord[]> => {
    const outcomes = await process(batch.records, context);
    if (outcomes.length !== batch.records.length) {
      throw new EventLogError(
        'bad_request',
        `processor of group ${options.groupId}: expected ${batch.records.length} outcomes for ${batch.topic}/${batch.partition}, found ${outcomes.length}`,
      );
    }
    return batch.records.flatMap((record, index) => {
      const outcome = withFittingOutputs(outcomes[index]!);
      if (outcome.kind === 'done') return outcome.outputs;
      onDeadLetter?.(record, outcome.code, outcome.message);
      return [deadLetterOf(record, options.groupId, outcome)];
    });
  };
  return await log.consume({ ...options, handler });
}

/** An output that no log takes would block its partition for ever: its record is poison instead. */
function withFittingOutputs(outcome: RecordOutcome): RecordOutcome {
  if (outcome.kind === 'poison') return outcome;
  try {
    for (const output of outcome.outputs) checkRecordSize(output);
    return outcome;
  } catch (error) {
    if (!(error instanceof EventLogError)) throw error;
    return { kind: 'poison', code: error.code, message: error.message };
  }
}
