import { AssignmentOrigin } from '@glitchwatch/proto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GatewayParts } from '../context.js';
import { GatewayError } from '../errors.js';
import { BoundedSender } from '../stream/bounded-sender.js';
import type { LogEvent } from '../stream/events.js';
import { feed } from '../stream/feed.js';
import { alertView, modelView, placementView } from './views.js';

interface Route {
  readonly Querystring: { readonly cursor?: string };
}

interface Frame {
  readonly text: string;
  readonly assignedAtMs?: number | undefined;
}

/**
 * GET /v1/events: server-sent events `assignment`, `model`, `alert`, each with a
 * cursor as its id, and `map` when a refit has moved many glitches at once (their
 * assignments are not sent one by one). Starts at Last-Event-ID or ?cursor=, else
 * now. Who reads too slowly is cut off and resumes without loss.
 */
export function getEvents(app: FastifyInstance, parts: GatewayParts): void {
  app.get<Route>('/v1/events', async (request, reply) => {
    const leave = parts.census.enter('sse');
    const ended = new AbortController();
    const { raw } = reply;
    raw.on('close', () => ended.abort());
    const signal = AbortSignal.any([ended.signal, parts.stopping]);

    let open = false;
    const begin = (): void => {
      if (open || signal.aborted) return;
      open = true;
      reply.hijack();
      raw.writeHead(200, {
        ...definedHeaders(reply.getHeaders()),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      raw.write('retry: 2000\n\n');
    };
    const sender = new BoundedSender<Frame>({
      capacity: parts.config.subscriberBufferEvents,
      policy: 'disconnect',
      sink: {
        write: ({ text }) => raw.write(text),
        fail: () => raw.destroy(),
      },
      onSent: ({ assignedAtMs }) => {
        parts.metrics.events.inc({ kind: 'sse' });
        if (assignedAtMs === undefined) return;
        const sec = (parts.clock.nowMs() - assignedAtMs) / 1000;
        if (sec >= 0) parts.metrics.assignmentToSend.observe({ kind: 'sse' }, sec);
      },
      onDropped: (n) => parts.metrics.dropped.inc({ kind: 'sse' }, n),
    });
    raw.on('drain', () => sender.drained());
    // A comment goes past the queue: it keeps proxies from closing a quiet stream.
    const heartbeat = setInterval(() => {
      if (open && sender.nWaiting === 0) raw.write(': still here\n\n');
    }, parts.config.heartbeatMs);

    let live = false;
    let mapChangedInHistory = false;
    const announceMap = (): void => sender.offer({ text: 'event: map\ndata: {}\n\n' });
    try {
      await feed({
        log: parts.log,
        hub: parts.hub,
        kinds: ['assignment', 'model', 'alert'],
        cursor: startOf(request),
        signal,
        wants: (event) => {
          if (event.kind === 'assignment') {
            if (isReference(event)) {
              mapChangedInHistory ||= !live;
              return false;
            }
            return !parts.model.glitches.isRepeat(event.assignment, event.place);
          }
          if (event.kind === 'model') mapChangedInHistory ||= !live;
          return true;
        },
        deliver: (event, cursor) => {
          begin();
          sender.offer(toFrame(event, cursor, live));
        },
        clear: () => sender.clear(),
        onMapChanged: announceMap,
        onLive: () => {
          begin();
          live = true;
          if (mapChangedInHistory) announceMap();
        },
      });
    } finally {
      clearInterval(heartbeat);
      sender.close();
      leave();
      if (open) raw.end();
    }
    return reply;
  });
}

function startOf(request: FastifyRequest<Route>): string {
  const last = request.headers['last-event-id'];
  if (Array.isArray(last)) throw new GatewayError('invalid_cursor', 'Last-Event-ID: given twice');
  return last ?? request.query.cursor ?? '';
}

function isReference(event: LogEvent): boolean {
  return (
    event.kind === 'assignment' &&
    event.assignment.origin === AssignmentOrigin.ASSIGNMENT_ORIGIN_REFERENCE
  );
}

function toFrame(event: LogEvent, cursor: string, live: boolean): Frame {
  const frame = (data: object): string =>
    `id: ${cursor}\nevent: ${event.kind}\ndata: ${JSON.stringify(data)}\n\n`;
  switch (event.kind) {
    case 'assignment':
      return {
        text: frame(placementView(event.assignment)),
        assignedAtMs: live ? Number(event.assignment.assignedAtMs) : undefined,
      };
    case 'model':
      return { text: frame(modelView(event.model)) };
    case 'alert':
      return { text: frame(alertView(event.alert)) };
    default:
      return event satisfies never;
  }
}

function definedHeaders(
  headers: Readonly<Record<string, number | string | string[] | undefined>>,
): Record<string, number | string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );
}
