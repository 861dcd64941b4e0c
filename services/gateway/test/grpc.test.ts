import {
  type AlertEvent,
  AlertState,
  type AssignmentEvent,
  AssignmentOrigin,
  GatewayServiceClient,
  type GetGlitchResponse,
  type ListFamiliesResponse,
  type MapChunk,
  SlowSubscriberPolicy,
  SubscribeAlertsRequest,
  SubscribeAssignmentsRequest,
} from '@glitchwatch/proto';
import { type ClientReadableStream, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { type Bench, startBench, until } from './bench.js';
import { alertRecord, assignmentRecord, glitchRecord, idOf, modelRecord } from './messages.js';

let bench: Bench | undefined;
const calls: ClientReadableStream<unknown>[] = [];
const clients: GatewayServiceClient[] = [];
afterEach(async () => {
  for (const call of calls.splice(0)) call.cancel();
  for (const client of clients.splice(0)) client.close();
  await bench?.close();
  bench = undefined;
});

interface Collected<Event> {
  readonly events: Event[];
  error: ServiceError | undefined;
  ended: boolean;
}

function collect<Event>(call: ClientReadableStream<Event>): Collected<Event> {
  calls.push(call);
  const collected: Collected<Event> = { events: [], error: undefined, ended: false };
  call.on('data', (event: Event) => collected.events.push(event));
  call.on('error', (error: ServiceError) => {
    collected.error = error;
  });
  call.on('end', () => {
    collected.ended = true;
  });
  call.resume();
  return collected;
}

function subscribe(
  running: Bench,
  request: Partial<SubscribeAssignmentsRequest>,
): Collected<AssignmentEvent> {
  const full = SubscribeAssignmentsRequest.fromPartial(request);
  return collect(running.grpc.subscribeAssignments(full));
}

const idsOf = (seen: Collected<AssignmentEvent>): (string | undefined)[] =>
  seen.events.map(({ assignment }) => assignment?.glitchId);

describe('SubscribeAssignments', () => {
  it('replays from the earliest and goes on live, a repeated record left out', async () => {
    bench = await startBench({}, (log) =>
      log.append([assignmentRecord(1), assignmentRecord(2), assignmentRecord(1)]),
    );
    const seen = subscribe(bench, { cursor: 'earliest' });
    await until(() => seen.events.length === 2);
    await bench.log.append([assignmentRecord(3), assignmentRecord(3)]);
    await bench.log.append([assignmentRecord(4)]);
    await until(() => seen.events.length === 4);
    expect(new Set(idsOf(seen))).toEqual(new Set([1, 2, 3, 4].map(idOf)));
  });

  it('resumes from the cursor of any event without a gap or a repeat', async () => {
    bench = await startBench();
    const all = [...Array(40).keys()];
    await bench.log.append(all.map((n) => assignmentRecord(n)));
    const first = subscribe(bench, { cursor: 'earliest' });
    await until(() => first.events.length === 40);
    for (const cut of [0, 17, 38]) {
      const rest = subscribe(bench, { cursor: first.events[cut]?.cursor ?? '' });
      await until(() => rest.events.length === 39 - cut);
      expect(new Set([...idsOf(first).slice(0, cut + 1), ...idsOf(rest)]).size).toBe(40);
    }
  });

  it('keeps order and misses nothing while it joins a running stream', async () => {
    bench = await startBench();
    const { log } = bench;
    let appended = 0;
    const writing = (async () => {
      for (; appended < 300; appended += 10) {
        await log.append([...Array(10).keys()].map((n) => assignmentRecord(appended + n)));
      }
    })();
    await until(() => appended >= 50);
    const seen = subscribe(bench, { cursor: 'earliest' });
    await writing;
    await until(() => seen.events.length === 300);
    expect(new Set(idsOf(seen)).size).toBe(300);
  });

  it.each([
    ['ifos', { ifos: ['L1'] }, [1, 3]],
    ['families', { familyIds: [7, -1] }, [2, 3]],
    ['novelty', { maxNoveltyPValue: 0.05 }, [3]],
    ['snr', { minSnr: 10 }, [2, 3]],
  ])('filters by %s', async (_what, request, expected) => {
    bench = await startBench({}, (log) =>
      log.append([
        assignmentRecord(1),
        assignmentRecord(2, { familyId: 7 }),
        assignmentRecord(3, { familyId: -1, noveltyPValue: 0.01 }),
        assignmentRecord(0, { familyId: 1, noveltyPValue: 0.9 }),
      ]),
    );
    const seen = subscribe(bench, { cursor: 'earliest', ...request });
    await until(() => seen.events.length === expected.length);
    // A last one that passes every filter shows that nothing else was on its way.
    await bench.log.append([assignmentRecord(101, { familyId: 7, noveltyPValue: 0.01 })]);
    await until(() => seen.events.length === expected.length + 1);
    expect(new Set(idsOf(seen))).toEqual(new Set([...expected, 101].map(idOf)));
  });

  it.each(['nonsense!', Buffer.from('g1;glitch.alerts=0').toString('base64url'), 'Z'.repeat(3000)])(
    'answers INVALID_ARGUMENT to the cursor %#',
    async (cursor) => {
      bench = await startBench();
      const seen = subscribe(bench, { cursor });
      await until(() => seen.error !== undefined);
      expect(seen.error?.code).toBe(status.INVALID_ARGUMENT);
      expect(seen.error?.details).toContain('cursor:');
    },
  );

  it('ends a slow subscriber with RESOURCE_EXHAUSTED, or drops and counts', async () => {
    bench = await startBench({ subscriberBufferEvents: 8 });
    const { log, metric, service } = bench;
    const open = (policy: SlowSubscriberPolicy): ClientReadableStream<AssignmentEvent> => {
      const request = { slowSubscriberPolicy: policy };
      // Connections of their own: on a shared one the slower would hold up the other.
      const options = { 'grpc.use_local_subchannel_pool': 1 };
      const plain = credentials.createInsecure();
      const client = new GatewayServiceClient(service.grpcAddress, plain, options);
      clients.push(client);
      const call = client.subscribeAssignments(SubscribeAssignmentsRequest.fromPartial(request));
      calls.push(call);
      return call;
    };
    const dropping = open(SlowSubscriberPolicy.SLOW_SUBSCRIBER_POLICY_DROP_OLDEST);
    const strict = open(SlowSubscriberPolicy.SLOW_SUBSCRIBER_POLICY_DISCONNECT);
    let ending: ServiceError | undefined;
    strict.on('error', (error: ServiceError) => {
      ending = error;
    });
    dropping.on('error', () => undefined);
    await until(
      async () => (await metric('glitchwatch_gateway_subscribers{kind="grpc-assignments"}')) === 2,
    );
    // Nobody reads, and yet the gateway holds no more than its bound for either.
    for (let n = 0; n < 12_000; n += 500) {
      await log.append([...Array(500).keys()].map((i) => assignmentRecord(n + i)));
    }
    const line = 'glitchwatch_gateway_dropped_total{kind="grpc-assignments"}';
    await until(async () => (await metric(line)) > 100, 'dropped events');
    await until(() => ending !== undefined, 'the end of the strict one');
    expect(ending?.code).toBe(status.RESOURCE_EXHAUSTED);
    const droppingSeen = collect(dropping);
    const dropped = (): number =>
      droppingSeen.events.reduce((sum, event) => sum + Number(event.dropped), 0);
    // Every event is either seen or counted.
    await until(() => droppingSeen.events.length + dropped() === 12_000, 'the newest event');
    expect(dropped()).toBeGreaterThan(100);
  }, 60_000);
});

describe('SubscribeAlerts', () => {
  it('filters by state and detector; an old revision does not come again', async () => {
    bench = await startBench();
    const states = [AlertState.ALERT_STATE_RESOLVED];
    const all: Collected<AlertEvent> = collect(
      bench.grpc.subscribeAlerts(SubscribeAlertsRequest.fromPartial({ cursor: 'earliest' })),
    );
    const resolved: Collected<AlertEvent> = collect(
      bench.grpc.subscribeAlerts(SubscribeAlertsRequest.fromPartial({ states, ifos: ['H1'] })),
    );
    const { metric, log } = bench;
    const line = 'glitchwatch_gateway_subscribers{kind="grpc-alerts"}';
    await until(async () => (await metric(line)) === 2);
    await until(async () => {
      if (all.events.length === 0) await log.append([alertRecord(1)]);
      return all.events.length > 0;
    });
    await log.append([alertRecord(2), alertRecord(1)]);
    await log.append([alertRecord(3, { state: AlertState.ALERT_STATE_RESOLVED })]);
    await until(() => all.events.length === 3 && resolved.events.length === 1);
    expect(all.events.map(({ alert }) => alert?.revision)).toEqual([1, 2, 3]);
    expect(resolved.events[0]?.alert?.revision).toBe(3);
  });
});

describe('GetGlitch, ListFamilies, GetMap', () => {
  it('answer from the read model and the log', async () => {
    bench = await startBench({}, (log) =>
      log.append([
        glitchRecord(1),
        assignmentRecord(1, { origin: AssignmentOrigin.ASSIGNMENT_ORIGIN_REFERENCE }),
        assignmentRecord(2, { familyId: -1 }),
        modelRecord(1),
      ]),
    );
    const { grpc } = bench;
    const glitch = await new Promise<GetGlitchResponse>((resolve, reject) => {
      grpc.getGlitch({ glitchId: idOf(1) }, (error, answer) =>
        error === null ? resolve(answer) : reject(error),
      );
    });
    expect(glitch.glitch?.windows).toHaveLength(2);
    expect(glitch.assignment?.familyId).toBe(0);

    const families = await new Promise<ListFamiliesResponse>((resolve, reject) => {
      grpc.listFamilies({}, (error, answer) => (error === null ? resolve(answer) : reject(error)));
    });
    expect(families).toMatchObject({ modelVersion: 1, nUnassigned: 1n, nGlitches: 2n });
    expect(families.families[0]).toMatchObject({
      familyId: 0,
      nMembers: 1n,
      membersByIfo: { L1: 1n },
    });

    const map: Collected<MapChunk> = collect(grpc.getMap({}));
    await until(() => map.ended);
    expect(map.events[0]?.modelVersion).toBe(1);
    expect([...(map.events[0]?.x ?? [])].sort()).toEqual([1, 2]);
  });

  it('answer NOT_FOUND for a glitch that nobody sent', async () => {
    bench = await startBench();
    const { grpc } = bench;
    const error = await new Promise<ServiceError | null>((resolve) => {
      grpc.getGlitch({ glitchId: idOf(1) }, (failure) => resolve(failure));
    });
    expect(error?.code).toBe(status.NOT_FOUND);
  });
});
