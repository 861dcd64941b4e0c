import { SubmitTriggersRequest } from '@glitchwatch/proto';
import {
  type FastifyInstance,
  type FastifyRequest,
  ServiceError,
  type TokenBucket,
} from '@glitchwatch/service-kit';
import { IngestError, type IngestErrorCode } from '../errors.js';
import { createLimiter } from '../limiter.js';
import {
  acceptRequest,
  type RequestOutcome,
  type Sender,
  type WireContext,
} from './accept-request.js';
import { toServiceError } from './submit-triggers.js';
import { requestOfJson } from './trigger-json.js';

export interface PostTriggersOptions {
  readonly context: WireContext;
  readonly bucket: TokenBucket;
  readonly maxInFlight: number;
}

/** Items of one body worked on at once. */
const ITEMS_AT_ONCE = 8;

export interface PostTriggersItem {
  readonly index: number;
  readonly status: 'accepted' | 'duplicate' | 'rejected';
  readonly glitchId?: string;
  readonly code?: IngestErrorCode;
  readonly message?: string;
}

export interface PostTriggersAnswer {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  /** In the order of the request. */
  readonly items: readonly PostTriggersItem[];
}

/**
 * POST /v1/triggers: one trigger or a list. 202 when at least one was taken, with
 * the fate of each; 400 with the same list when none was.
 */
export function addPostTriggers(app: FastifyInstance, options: PostTriggersOptions): void {
  const { context, bucket, maxInFlight } = options;
  let inFlight = 0;
  app.post('/v1/triggers', {
    // Before the body is read: bodies in memory are what the limit is for.
    onRequest: async (_request, reply) => {
      if (inFlight >= maxInFlight) {
        void reply.header('retry-after', 1);
        throw new ServiceError('unavailable', `${inFlight} requests are in hand: try again.`);
      }
      inFlight += 1;
      reply.raw.once('close', () => {
        inFlight -= 1;
      });
    },
    handler: async (request, reply) => {
      const items: unknown[] = Array.isArray(request.body) ? request.body : [request.body];
      if (items.length === 0) {
        throw new ServiceError('invalid_argument', 'Expected a trigger; found an empty list.');
      }
      const waitMs = bucket.take(items.length);
      if (waitMs > 0) {
        void reply.header('retry-after', Math.ceil(waitMs / 1000));
        throw new ServiceError('rate_limited', `Too many triggers: try again in ${waitMs} ms.`);
      }
      const answer = toAnswer(await acceptAll(items, senderOf(request), context));
      const noneTaken = answer.rejected === items.length;
      return reply.status(noneTaken ? 400 : 202).send(noneTaken ? refusal(answer) : answer);
    },
  });
}

function senderOf(request: FastifyRequest): Sender {
  return { source: 'http', origin: `http ${request.ip}` };
}

function acceptAll(
  items: readonly unknown[],
  sender: Sender,
  context: WireContext,
): Promise<RequestOutcome[]> {
  const limiter = createLimiter(ITEMS_AT_ONCE);
  const accepted = items.map((item) => limiter.run(() => acceptItem(item, sender, context)));
  return Promise.all(accepted).catch((error: unknown) => {
    throw toServiceError(error);
  });
}

async function acceptItem(
  item: unknown,
  sender: Sender,
  context: WireContext,
): Promise<RequestOutcome> {
  let request: SubmitTriggersRequest;
  try {
    request = requestOfJson(item);
  } catch (error) {
    if (!(error instanceof IngestError)) throw error;
    context.metrics.error(error.code);
    await context.deadLetters.put({ error, request: asText(item), origin: sender.origin });
    return { kind: 'refused', error };
  }
  return acceptRequest(request, sender, context);
}

/** What is no trigger is kept as the text that came. */
function asText(item: unknown): SubmitTriggersRequest {
  const json = JSON.stringify(item).slice(0, 16_384);
  return SubmitTriggersRequest.fromPartial({ trigger: { extra: { json } } });
}

function toAnswer(outcomes: readonly RequestOutcome[]): PostTriggersAnswer {
  const items = outcomes.map((outcome, index): PostTriggersItem => {
    if (outcome.kind === 'taken') {
      return { index, status: outcome.status, glitchId: outcome.glitchId };
    }
    const { code, message } = outcome.error;
    return { index, status: 'rejected', code, message };
  });
  const count = (status: PostTriggersItem['status']): number =>
    items.filter((item) => item.status === status).length;
  return {
    accepted: count('accepted'),
    duplicates: count('duplicate'),
    rejected: count('rejected'),
    items,
  };
}

function refusal(
  answer: PostTriggersAnswer,
): PostTriggersAnswer & { code: string; message: string } {
  const message =
    answer.items.length === 1
      ? (answer.items[0]?.message ?? '')
      : `None of the ${answer.items.length} triggers was taken; see items.`;
  return { code: 'invalid_argument', message, ...answer };
}
