import type { EventLog } from '@glitchwatch/event-log';
import { deadLetterTopic, headerNames, SubmitTriggersRequest, topics } from '@glitchwatch/proto';
import type { Clock, Logger } from '@glitchwatch/service-kit';
import type { IngestError } from './errors.js';

/** What was refused on the wire, with the reason in its headers. */
export const INGEST_DEAD_LETTER_TOPIC = deadLetterTopic(topics.triggers, 'ingest');

const MAX_MESSAGE_CHARS = 1024;

export interface Refusal {
  readonly error: IngestError;
  readonly request: SubmitTriggersRequest;
  /** Who sent it, for example "grpc 127.0.0.1:40000". */
  readonly origin: string;
}

export interface DeadLetters {
  /** Never throws: the sender gets the refusal either way, and a lost letter is logged. */
  put(refusal: Refusal): Promise<void>;
}

export interface DeadLettersOptions {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly maxBytes: number;
}

export function createDeadLetters({
  log,
  logger,
  clock,
  maxBytes,
}: DeadLettersOptions): DeadLetters {
  return {
    async put({ error, request, origin }) {
      const whole = SubmitTriggersRequest.encode(request).finish();
      const isWhole = whole.length <= maxBytes;
      const value = isWhole ? whole : withoutPictures(request, maxBytes);
      try {
        await log.append([
          {
            topic: INGEST_DEAD_LETTER_TOPIC,
            value,
            timestampMs: clock.nowMs(),
            headers: {
              [headerNames.schema]: 'glitchwatch.v1.SubmitTriggersRequest',
              'error-code': error.code,
              'error-message': error.message.slice(0, MAX_MESSAGE_CHARS),
              origin,
              ...(isWhole ? {} : { truncated: 'true' }),
            },
          },
        ]);
      } catch (cause) {
        logger.error({ err: cause, code: error.code, origin }, 'a dead letter was lost');
      }
    },
  };
}

/** Names and lengths of the windows without their bytes; nothing where even that is too much. */
function withoutPictures(request: SubmitTriggersRequest, maxBytes: number): Uint8Array {
  const empty = Buffer.alloc(0);
  const bare = SubmitTriggersRequest.encode({
    trigger: request.trigger,
    images: request.images.map((image) => ({ ...image, png: empty })),
    grids: request.grids.map((grid) => ({ ...grid, data: empty })),
  }).finish();
  return bare.length <= maxBytes ? bare : empty;
}
