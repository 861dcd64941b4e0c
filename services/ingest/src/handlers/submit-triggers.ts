import { Rejection, type SubmitTriggersRequest, SubmitTriggersResponse } from '@glitchwatch/proto';
import {
  type GrpcFailure,
  type Logger,
  ServiceError,
  toGrpcFailure,
} from '@glitchwatch/service-kit';
import { type handleClientStreamingCall, type ServerReadableStream, status } from '@grpc/grpc-js';
import { IngestError } from '../errors.js';
import { forEachBounded } from '../limiter.js';
import { acceptRequest, type RequestOutcome, type WireContext } from './accept-request.js';

export interface SubmitTriggersOptions {
  readonly context: WireContext;
  readonly logger: Logger;
  /** Glitches of one stream worked on at once; the sender is held back beyond. */
  readonly maxInFlight: number;
  readonly maxPerStream: number;
  readonly maxStreams: number;
}

type Call = ServerReadableStream<SubmitTriggersRequest, SubmitTriggersResponse>;

/** The client stream SubmitTriggers: answers when everything taken is durable. */
export function submitTriggersHandler(
  options: SubmitTriggersOptions,
): handleClientStreamingCall<SubmitTriggersRequest, SubmitTriggersResponse> {
  const { logger, maxStreams } = options;
  let open = 0;
  return (call, callback) => {
    if (open >= maxStreams) {
      const busy = new ServiceError('unavailable', `${open} streams are open: try again.`);
      callback(toGrpcFailure(busy));
      return;
    }
    open += 1;
    collect(call, options)
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(failureOf(error, call, logger)),
      )
      .finally(() => {
        open -= 1;
      });
  };
}

function failureOf(error: unknown, call: Call, logger: Logger): GrpcFailure {
  const peer = call.getPeer();
  if (call.cancelled) {
    logger.debug({ peer }, 'the sender cancelled its stream');
    return { code: status.CANCELLED, details: 'Cancelled by the sender.' };
  }
  const failure = toServiceError(error);
  if (failure instanceof ServiceError) logger.warn({ err: error, peer }, 'a stream was refused');
  else logger.error({ err: error, peer }, 'a stream failed');
  return toGrpcFailure(failure);
}

async function collect(
  call: Call,
  options: SubmitTriggersOptions,
): Promise<SubmitTriggersResponse> {
  const { context, maxInFlight, maxPerStream } = options;
  const sender = { source: 'grpc', origin: `grpc ${call.getPeer()}` } as const;
  const outcomes: RequestOutcome[] = [];
  const gone = new AbortController();
  // A cancelled stream neither ends nor fails by itself.
  call.once('cancelled', () => {
    gone.abort();
    call.destroy();
  });
  await forEachBounded(
    numbered(call),
    { limit: maxInFlight, signal: gone.signal },
    async (item) => {
      if (item.index >= maxPerStream) throw tooMany(maxPerStream);
      outcomes[item.index] = await acceptRequest(item.request, sender, context);
    },
  );
  return toResponse(outcomes);
}

async function* numbered(
  call: AsyncIterable<SubmitTriggersRequest>,
): AsyncGenerator<{ readonly index: number; readonly request: SubmitTriggersRequest }> {
  let index = 0;
  for await (const request of call) {
    yield { index, request };
    index += 1;
  }
}

function toResponse(outcomes: readonly RequestOutcome[]): SubmitTriggersResponse {
  const response = SubmitTriggersResponse.create();
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.kind === 'refused') {
      const { code, message } = outcome.error;
      response.rejected.push(Rejection.create({ index: BigInt(index), code, message }));
      continue;
    }
    response.glitchIds.push(outcome.glitchId);
    if (outcome.status === 'accepted') response.accepted += 1n;
    else response.duplicates += 1n;
  }
  return response;
}

function tooMany(maxPerStream: number): ServiceError {
  return new ServiceError(
    'too_large',
    `A stream takes at most ${maxPerStream} triggers: open another for the rest.`,
  );
}

/** The sender may retry all of it: what was taken is recognised as a duplicate. */
export function toServiceError(error: unknown): unknown {
  return error instanceof IngestError
    ? new ServiceError('unavailable', error.message, { cause: error })
    : error;
}
