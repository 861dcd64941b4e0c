export type EventLogErrorCode =
  /** The log, or the consumer, has been closed. */
  | 'closed'
  | 'unknown_topic'
  /** An existing topic has other partitions, cleanup or retention. */
  | 'topic_mismatch'
  | 'record_too_large'
  /** No room: the file system is full or `maxBytes` is reached. Works again once there is room. */
  | 'disk_full'
  /** A group member has lost the partition that it wanted to commit. */
  | 'fenced'
  /** A name, number or option outside what the log takes. */
  | 'bad_request'
  /** A stored record cannot be decoded. */
  | 'corrupt'
  /** The store or the broker cannot be used at present. */
  | 'unavailable';

/** The one error of this package; callers branch on `code`. */
export class EventLogError extends Error {
  override readonly name = 'EventLogError';
  readonly code: EventLogErrorCode;

  constructor(code: EventLogErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
