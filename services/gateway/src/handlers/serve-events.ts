import { SlowSubscriberPolicy } from '@glitchwatch/proto';
import { Metadata, type ServerWritableStream } from '@grpc/grpc-js';
import type { GatewayParts } from '../context.js';
import { type GatewayError, toGrpcError } from '../errors.js';
import type { SubscriberKind } from '../metrics.js';
import { BoundedSender, type SlowPolicy } from '../stream/bounded-sender.js';
import type { LogEvent, LogEventKind } from '../stream/events.js';
import { feed } from '../stream/feed.js';
import { Handover } from '../stream/handover.js';
import type { NamedStart } from '../subscribers/named-subscribers.js';

export interface EventStream<Event> {
  readonly kind: SubscriberKind;
  readonly events: LogEventKind;
  readonly cursor: string;
  /** Empty: a stream without a name. */
  readonly subscriber: string;
  readonly policy: SlowPolicy;
  readonly wants: (event: LogEvent) => boolean;
  readonly toMessage: (event: LogEvent, cursor: string) => Event;
  readonly withDropped: (event: Event, dropped: bigint) => Event;
}

/** Runs one gRPC subscription from its first event to its end, whoever ends it. */
export async function serveEvents<Request, Event extends { readonly cursor: string }>(
  parts: GatewayParts,
  call: ServerWritableStream<Request, Event>,
  stream: EventStream<Event>,
): Promise<void> {
  const ended = new AbortController();
  const { metrics } = parts;
  const kind = stream.kind;
  const end = (): void => ended.abort();
  call.on('cancelled', end);
  call.on('close', end);
  call.on('error', end);
  const signal = AbortSignal.any([ended.signal, parts.stopping]);

  const fail = (error: unknown): void => {
    metrics.errors.inc({ code: toCode(error) });
    ended.abort();
    // Not destroy(): what was written still goes out, then the status.
    call.emit('error', Object.assign(new Error('stream ended'), toGrpcError(error)));
  };
  const handover: Handover = new Handover(() => sender.nWaiting);
  const sender = new BoundedSender<Event>({
    capacity: parts.config.subscriberBufferEvents,
    policy: stream.policy,
    sink: {
      write: (event, dropped) =>
        call.write(
          dropped === 0 ? event : stream.withDropped(event, BigInt(dropped)),
          handover.writing(event.cursor),
        ),
      fail: (error: GatewayError) => fail(error),
    },
    onSent: () => metrics.events.inc({ kind }),
    onDropped: (n) => metrics.dropped.inc({ kind }, n),
  });
  call.on('drain', () => sender.drained());
  signal.addEventListener('abort', () => sender.close(), { once: true });

  const exits: (() => void)[] = [];
  try {
    exits.push(parts.census.enter(kind));
    const named = await beginNamed(parts, call, stream);
    // Who has left meanwhile takes nothing from anybody.
    if (named !== undefined && !signal.aborted) exits.push(parts.named.hold(named, fail));
    await feed({
      log: parts.log,
      hub: parts.hub,
      kinds: [stream.events],
      cursor: named?.cursor ?? stream.cursor,
      signal,
      wants: stream.wants,
      deliver: (event, cursor) => sender.offer(stream.toMessage(event, cursor)),
      clear: () => sender.clear(),
      onStart: (position) => {
        if (named === undefined) return;
        exits.push(parts.named.keep(named, () => handover.cursor(position())));
      },
    });
    if (!ended.signal.aborted) call.end();
  } catch (error) {
    if (!ended.signal.aborted) fail(error);
  } finally {
    for (const exit of exits.reverse()) exit();
  }
}

/** Finds where a named subscriber stands, and tells it by initial metadata. */
async function beginNamed<Request, Event>(
  parts: GatewayParts,
  call: ServerWritableStream<Request, Event>,
  { events, subscriber, cursor }: Pick<EventStream<Event>, 'events' | 'subscriber' | 'cursor'>,
): Promise<NamedStart | undefined> {
  if (subscriber === '') return undefined;
  const named = await parts.named.begin(events, subscriber, cursor);
  const metadata = new Metadata();
  metadata.set('glitchwatch-start', named.start);
  metadata.set('glitchwatch-stored-cursor', named.storedCursor);
  if (!call.cancelled) call.sendMetadata(metadata);
  return named;
}

export function slowPolicyOf(policy: SlowSubscriberPolicy): SlowPolicy {
  return policy === SlowSubscriberPolicy.SLOW_SUBSCRIBER_POLICY_DROP_OLDEST
    ? 'drop-oldest'
    : 'disconnect';
}

function toCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'internal';
}
