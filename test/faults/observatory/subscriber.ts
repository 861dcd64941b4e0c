import { setTimeout as delay } from 'node:timers/promises';
import {
  type AlertEvent,
  type AssignmentEvent,
  GatewayServiceClient,
  SubscribeAlertsRequest,
  SubscribeAssignmentsRequest,
} from '@glitchwatch/proto';
import { type ClientReadableStream, credentials } from '@grpc/grpc-js';

const RETRY_MS = 100;

export interface SubscriberOptions<Event> {
  /** gRPC ports of the gateways; after each end it goes on at the next. */
  readonly ports: readonly number[];
  readonly open: (client: GatewayServiceClient, cursor: string) => ClientReadableStream<Event>;
  readonly cursorOf: (event: Event) => string;
  /** By which it knows a repeat. */
  readonly idOf: (event: Event) => string;
}

/**
 * A program that wants to see everything once: follows a gateway from the start
 * of the log, and when that ends, however it ends, goes on at another gateway
 * from the cursor of the last event it saw.
 */
export class Subscriber<Event> {
  readonly #options: SubscriberOptions<Event>;
  readonly #leaving = new AbortController();
  readonly #done: Promise<void>;
  #stream: ClientReadableStream<Event> | undefined;
  #cursor = 'earliest';
  #lastMs = performance.now();
  /** Ids in the order in which each was first seen. */
  readonly seen = new Set<string>();
  repeats = 0;
  resumptions = 0;
  /** The longest time without a new event, since `resetPause`. */
  #longestPauseMs = 0;

  constructor(options: SubscriberOptions<Event>) {
    this.#options = options;
    this.#done = this.#follow();
  }

  resetPause(): void {
    this.#lastMs = performance.now();
    this.#longestPauseMs = 0;
  }

  get longestPauseMs(): number {
    return this.#longestPauseMs;
  }

  async leave(): Promise<void> {
    this.#leaving.abort();
    this.#stream?.cancel();
    await this.#done;
  }

  async #follow(): Promise<void> {
    const { signal } = this.#leaving;
    const { ports, open } = this.#options;
    for (let turn = 0; !signal.aborted; turn++) {
      const address = `127.0.0.1:${ports[turn % ports.length]}`;
      const client = new GatewayServiceClient(address, credentials.createInsecure());
      const stream = open(client, this.#cursor);
      this.#stream = stream;
      await new Promise<void>((resolve) => {
        stream.on('data', (event: Event) => this.#take(event));
        // Why it ended does not matter to this reader: the cursor is all it needs.
        stream.on('error', () => resolve());
        stream.on('end', () => resolve());
      });
      client.close();
      if (signal.aborted) return;
      this.resumptions += 1;
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  #take(event: Event): void {
    const { cursorOf, idOf } = this.#options;
    this.#cursor = cursorOf(event);
    const id = idOf(event);
    if (this.seen.has(id)) {
      this.repeats += 1;
      return;
    }
    this.seen.add(id);
    const nowMs = performance.now();
    this.#longestPauseMs = Math.max(this.#longestPauseMs, nowMs - this.#lastMs);
    this.#lastMs = nowMs;
  }
}

export const alertId = (alertId = '', revision = 0): string => `${alertId} ${revision}`;
export const assignmentId = (glitchId = '', version = 0): string => `${glitchId} ${version}`;

export function subscribeAlerts(ports: readonly number[]): Subscriber<AlertEvent> {
  return new Subscriber({
    ports,
    open: (client, cursor) =>
      client.subscribeAlerts(SubscribeAlertsRequest.fromPartial({ cursor })),
    cursorOf: ({ cursor }) => cursor,
    idOf: ({ alert }) => alertId(alert?.alertId, alert?.revision),
  });
}

export function subscribeAssignments(ports: readonly number[]): Subscriber<AssignmentEvent> {
  return new Subscriber({
    ports,
    open: (client, cursor) =>
      client.subscribeAssignments(SubscribeAssignmentsRequest.fromPartial({ cursor })),
    cursorOf: ({ cursor }) => cursor,
    idOf: ({ assignment }) => assignmentId(assignment?.glitchId, assignment?.modelVersion),
  });
}
