import { EventLogError, type EventLogErrorCode } from '../errors.js';

const codeOfType: Readonly<Record<string, EventLogErrorCode>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 'unknown_topic',
  MESSAGE_TOO_LARGE: 'record_too_large',
  RECORD_LIST_TOO_LARGE: 'record_too_large',
  ILLEGAL_GENERATION: 'fenced',
  UNKNOWN_MEMBER_ID: 'fenced',
  FENCED_INSTANCE_ID: 'fenced',
  INVALID_TOPIC_EXCEPTION: 'bad_request',
  INVALID_TIMESTAMP: 'bad_request',
  INVALID_PARTITIONS: 'bad_request',
  INVALID_CONFIG: 'bad_request',
  INVALID_SESSION_TIMEOUT: 'bad_request',
  POLICY_VIOLATION: 'bad_request',
  TOPIC_AUTHORIZATION_FAILED: 'bad_request',
  GROUP_AUTHORIZATION_FAILED: 'bad_request',
  CLUSTER_AUTHORIZATION_FAILED: 'bad_request',
};

/** kafkajs wraps what happened; the innermost cause with a type or code tells. */
function* causesOf(error: unknown): Generator<Error> {
  for (let at = error; at instanceof Error; at = at.cause) yield at;
}

/** The broker's own name of an error, such as "REBALANCE_IN_PROGRESS". */
export function typeOfBrokerError(error: unknown): string | undefined {
  for (const cause of causesOf(error)) {
    if ('type' in cause && typeof cause.type === 'string') return cause.type;
    if ('errors' in cause && Array.isArray(cause.errors)) return typeOfBrokerError(cause.errors[0]);
  }
  return undefined;
}

/** As this package tells it. Whatever is not known to be final is `unavailable`: worth trying again. */
export function eventLogErrorOf(error: unknown, doing: string): EventLogError {
  if (error instanceof EventLogError) return error;
  const type = typeOfBrokerError(error);
  const refused = [...causesOf(error)].some(
    ({ name }) => name === 'KafkaJSSASLAuthenticationError',
  );
  const known = type === undefined ? undefined : codeOfType[type];
  const code = refused ? 'bad_request' : (known ?? 'unavailable');
  const message = error instanceof Error ? error.message : String(error);
  const named = type === undefined || message.includes(type) ? message : `${type}: ${message}`;
  return new EventLogError(code, `${doing}: ${named}`, { cause: error });
}
