import {
  Assignment,
  type AssignmentEvent,
  assignmentEventId,
  GatewayServiceClient,
  messageHeaders,
  SlowSubscriberPolicy,
  SubscribeAssignmentsRequest,
  topics,
} from '@glitchwatch/proto';
import { credentials, type ServiceError, status } from '@grpc/grpc-js';
import { expect } from 'vitest';
import { waitFor } from '../fixtures/wait-for.js';
import type { Fault } from './observatory/fault.js';
import { NO_MODEL } from './observatory/ledger.js';
import type { Observatory } from './observatory/observatory.js';
import { scaled } from './observatory/scale.js';

/** More than a gateway keeps for one subscriber, 4,096, and what a connection holds. */
const EVENTS = scaled(40_000, 8_000);
const APPEND = 500;
const { SLOW_SUBSCRIBER_POLICY_DISCONNECT, SLOW_SUBSCRIBER_POLICY_DROP_OLDEST } =
  SlowSubscriberPolicy;

/** Two programs stop reading, one under each policy; the two that every fault has go on. */
export const stoppedSubscriber: Fault = {
  name: 'subscribers that stop reading',
  async happen(observatory) {
    const [gateway] = observatory.fleet.replicas('gateway');
    const port = gateway?.grpcPort ?? 0;
    const stopped = await Promise.all([
      stoppedReader(port, SLOW_SUBSCRIBER_POLICY_DISCONNECT),
      stoppedReader(port, SLOW_SUBSCRIBER_POLICY_DROP_OLDEST),
    ]);
    await appendMany(observatory);
    const before = observatory.assignments.seen.size;
    await observatory.feeder.more(4);
    await waitFor('the others to be served meanwhile', () =>
      observatory.assignments.seen.size > before ? true : undefined,
    );
    const [disconnected, dropping] = stopped;
    for (const one of stopped) one.goOn();
    await waitFor('the end of the first', () => disconnected.ended());
    expect(disconnected.ended()?.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(disconnected.received()).toBeLessThan(EVENTS);
    await waitFor('all to be read or told as dropped', () =>
      dropping.received() + dropping.dropped() >= EVENTS ? true : undefined,
    );
    expect(dropping.ended()).toBeUndefined();
    expect(dropping.dropped()).toBeGreaterThan(0);
    for (const one of stopped) one.close();
    return {
      rounds: 1,
      note: `${EVENTS} events: one told to resume by cursor, one told of ${dropping.dropped()} dropped`,
    };
  },
};

/** Reads one event, so that it is live, and then no more. */
async function stoppedReader(port: number, slowSubscriberPolicy: SlowSubscriberPolicy) {
  const client = new GatewayServiceClient(`127.0.0.1:${port}`, credentials.createInsecure());
  const stream = client.subscribeAssignments(
    SubscribeAssignmentsRequest.fromPartial({ slowSubscriberPolicy }),
  );
  let received = 0;
  let dropped = 0;
  let ended: ServiceError | undefined;
  stream.on('data', (event: AssignmentEvent) => {
    if (received === 0) stream.pause();
    received += 1;
    dropped += Number(event.dropped);
  });
  stream.on('error', (error: ServiceError) => {
    ended = error;
  });
  await waitFor('a first event', () => (received > 0 ? true : undefined));
  return {
    received: () => received,
    dropped: () => dropped,
    ended: () => ended,
    goOn: () => void stream.resume(),
    close() {
      stream.cancel();
      client.close();
    },
  };
}

/** The same news again and again, of a model that was before all others: nobody's state changes. */
async function appendMany({ accepted, log }: Observatory): Promise<void> {
  const ids = [...accepted];
  for (let begun = 0; begun < EVENTS; begun += APPEND) {
    const records = Array.from({ length: APPEND }, (_, i) => {
      const glitchId = ids[(begun + i) % ids.length]!;
      const assignment = { glitchId, modelVersion: NO_MODEL, familyId: -1, trigger: { glitchId } };
      return {
        topic: topics.assignments,
        key: glitchId,
        value: Assignment.encode(Assignment.fromPartial(assignment)).finish(),
        headers: messageHeaders('Assignment', assignmentEventId(glitchId, NO_MODEL)),
      };
    });
    await log.append(records);
  }
}
