export { type DeadLetterTopic, findDeadLetterTopics } from './dead-letter-topics.js';
export {
  type DeadLetter,
  type DeadLetterEntry,
  deadLetterHeaders,
  deadLetterTopicOf,
  listDeadLetters,
  type ReplayMarker,
  readDeadLetterTopic,
} from './dead-letters.js';
export { type EmbeddedEventLogOptions, openEmbeddedEventLog } from './embedded/open.js';
export { EventLogError, type EventLogErrorCode } from './errors.js';
export { openKafkaEventLog } from './kafka/open.js';
export type { KafkaEventLogOptions, KafkaLogger, KafkaSaslOptions } from './kafka/options.js';
export { checkRecordSize, MAX_KEY_AND_HEADER_BYTES, MAX_VALUE_BYTES } from './limits.js';
export { murmur2, partitionOfKey } from './partitioner.js';
export * from './port.js';
export {
  type ConsumeWithDeadLettersOptions,
  consumeWithDeadLetters,
  type RecordOutcome,
  type RecordProcessor,
} from './process.js';
export {
  type DeadLetterSummary,
  type ReplayFailure,
  type ReplayOptions,
  type ReplayOutcome,
  replayDeadLetters,
} from './replay.js';
