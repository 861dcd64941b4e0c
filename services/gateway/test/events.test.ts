import type { EventLog } from '@glitchwatch/event-log';
import { AssignmentOrigin } from '@glitchwatch/proto';
import { afterEach, describe, expect, it } from 'vitest';
import { type Bench, startBench, until } from './bench.js';
import { alertRecord, assignmentRecord, idOf, modelRecord } from './messages.js';

let bench: Bench | undefined;
const streams: EventReader[] = [];
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close();
  await bench?.close();
  bench = undefined;
});

interface Seen {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** Reads server-sent events as a browser does. */
class EventReader {
  readonly seen: Seen[] = [];
  comments = 0;
  status = 0;
  body = '';
  private readonly ending = new AbortController();

  constructor(url: string, headers: Record<string, string> = {}) {
    streams.push(this);
    void this.read(url, headers).catch((error: unknown) => {
      if (!this.ending.signal.aborted) throw error;
    });
  }

  close(): void {
    this.ending.abort();
  }

  private async read(url: string, headers: Record<string, string>): Promise<void> {
    const response = await fetch(url, { headers, signal: this.ending.signal });
    this.status = response.status;
    if (!response.ok || response.body === null) {
      this.body = await response.text();
      return;
    }
    let text = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        this.take(text.slice(0, end));
        text = text.slice(end + 2);
      }
    }
  }

  private take(block: string): void {
    if (block.startsWith(':')) this.comments += 1;
    const fields = new Map(
      block.split('\n').map((line) => line.split(/: (.*)/s) as [string, string]),
    );
    const event = fields.get('event');
    if (event === undefined) return;
    const data = JSON.parse(fields.get('data') ?? '{}') as Record<string, unknown>;
    this.seen.push({ id: fields.get('id') ?? '', event, data });
  }
}

const names = (reader: EventReader): string[] => reader.seen.map(({ event }) => event);

describe('GET /v1/events', () => {
  it('sends what happens from now on, each with a cursor, and measures the way', async () => {
    bench = await startBench({}, (log) => log.append([assignmentRecord(1)]));
    const reader = new EventReader(`${bench.service.httpUrl}/v1/events`);
    await until(() => reader.status === 200);
    await bench.log.append([assignmentRecord(2, { assignedAtMs: BigInt(Date.now()) })]);
    await until(() => reader.seen.length === 1, 'the assignment');
    await bench.log.append([alertRecord(1)]);
    await until(() => reader.seen.length === 2, 'the alert');
    expect(reader.seen[0]).toMatchObject({ event: 'assignment', data: { glitchId: idOf(2) } });
    expect(reader.seen[1]).toMatchObject({ event: 'alert', data: { open: true } });
    expect(reader.seen[0]?.id).not.toBe(reader.seen[1]?.id);
    const count = 'glitchwatch_gateway_assignment_to_send_seconds_count{kind="sse"}';
    expect(await bench.metric(count)).toBe(1);
    expect(await bench.metric('glitchwatch_gateway_subscribers{kind="sse"}')).toBe(1);
  });

  it('resumes after Last-Event-ID without a gap or a repeat', async () => {
    bench = await startBench();
    const { log, service } = bench;
    const url = `${service.httpUrl}/v1/events?cursor=earliest`;
    await log.append([1, 2, 3, 4, 5, 6].map((n) => assignmentRecord(n)));
    const first = new EventReader(url);
    await until(() => first.seen.length === 6);
    const cut = first.seen[3];
    first.close();
    await log.append([7, 8].map((n) => assignmentRecord(n)));
    const second = new EventReader(url, { 'last-event-id': cut?.id ?? '' });
    await until(() => second.seen.length === 4);
    const ids = [...first.seen.slice(0, 4), ...second.seen].map(({ data }) => data.glitchId);
    expect(new Set(ids)).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8].map(idOf)));
    expect(ids).toHaveLength(8);
  });

  it('starts where a map ends', async () => {
    bench = await startBench({}, (log) => log.append([assignmentRecord(1)]));
    const map = await bench.json<{ cursor: string; glitchIds: string[] }>('/v1/map');
    await bench.log.append([assignmentRecord(2)]);
    const reader = new EventReader(`${bench.service.httpUrl}/v1/events?cursor=${map.cursor}`);
    await until(() => reader.seen.length === 1);
    expect(map.glitchIds).toEqual([idOf(1)]);
    expect(reader.seen[0]?.data.glitchId).toBe(idOf(2));
  });

  it('tells of a refit once, not glitch by glitch', async () => {
    // Nothing in the log moves the map yet: whoever comes while it settles is told as well.
    // The two topics of a refit are read side by side, so it must outlast a slow reader.
    const before = (log: EventLog): Promise<unknown> => log.append([assignmentRecord(1)]);
    bench = await startBench({ mapSettleMs: 1_000 }, before);
    const reader = new EventReader(`${bench.service.httpUrl}/v1/events`);
    await until(() => reader.status === 200);
    const reference = AssignmentOrigin.ASSIGNMENT_ORIGIN_REFERENCE;
    await bench.log.append([
      ...[1, 2, 3].map((n) => assignmentRecord(n, { version: 2, origin: reference })),
      modelRecord(2),
    ]);
    await until(() => names(reader).includes('map'), 'word of the map');
    expect(names(reader)).toEqual(['model', 'map']);
  });

  it('refuses a cursor that is not its own', async () => {
    bench = await startBench();
    const reader = new EventReader(`${bench.service.httpUrl}/v1/events?cursor=abc`);
    await until(() => reader.body !== '');
    expect(reader.status).toBe(400);
    expect(reader.body).toContain('invalid_cursor');
    expect(await bench.metric('glitchwatch_gateway_subscribers{kind="sse"}')).toBe(0);
  });

  it('refuses one client too many and has room again when one leaves', async () => {
    bench = await startBench({ maxSubscribers: 1 });
    const url = `${bench.service.httpUrl}/v1/events`;
    const first = new EventReader(url);
    await until(() => first.status === 200);
    const second = new EventReader(url);
    await until(() => second.body !== '');
    expect(second.status).toBe(503);
    expect(second.body).toContain('too_many_subscribers');
    first.close();
    const { metric } = bench;
    await until(async () => (await metric('glitchwatch_gateway_subscribers{kind="sse"}')) === 0);
    const third = new EventReader(url);
    await until(() => third.status === 200);
  });

  it('sends comments while nothing happens', async () => {
    bench = await startBench({ heartbeatMs: 20 });
    const reader = new EventReader(`${bench.service.httpUrl}/v1/events`);
    await until(() => reader.comments >= 2);
    expect(reader.seen).toEqual([]);
  });
});
