import type { EventLog } from '@glitchwatch/event-log';
import {
  type AssignmentEvent,
  GatewayServiceClient,
  type ListFamiliesResponse,
  SubscribeAssignmentsRequest,
} from '@glitchwatch/proto';
import { createLogger, createRegistry, systemClock } from '@glitchwatch/service-kit';
import type { StateStore } from '@glitchwatch/state-store';
import {
  type ClientReadableStream,
  credentials,
  type Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import type { GatewayConfigInput } from '../src/config.js';
import { createGatewayService, type GatewayService } from '../src/service.js';
import { until } from './bench.js';

/** A client's view of one stream. */
export interface SeenStream {
  readonly events: AssignmentEvent[];
  readonly call: ClientReadableStream<AssignmentEvent>;
  error: ServiceError | undefined;
  /** How it began, as the initial metadata says: "start/stored-cursor". */
  began: string | undefined;
}

/** One gateway among several over the same log and state store. */
export interface Replica {
  readonly service: GatewayService;
  readonly grpc: GatewayServiceClient;
  subscribe(request: Partial<SubscribeAssignmentsRequest>): SeenStream;
  families(): Promise<ListFamiliesResponse>;
  metric(line: string): Promise<number>;
  close(): Promise<void>;
}

export interface ReplicaParts {
  readonly log: EventLog;
  readonly state: StateStore | undefined;
  readonly config?: GatewayConfigInput;
}

/** Fast, so that tests need not wait for what has to settle. */
const quick = {
  cursorIntervalMs: 20,
  cursorSettleMs: 60,
  hotFamiliesMs: 30,
  takeoverRepeatMs: 300,
};

/** Started and listening; not waited for until it has read the log. */
export async function startReplica({ log, state, config = {} }: ReplicaParts): Promise<Replica> {
  const registry = createRegistry();
  const logger = createLogger({ name: 'test', level: 'silent' });
  const service = createGatewayService(
    { httpPort: 0, grpcPort: 0, ...quick, ...config },
    { log, state, registry, logger, clock: systemClock },
  );
  await service.start();
  const options = { 'grpc.use_local_subchannel_pool': 1 };
  const grpc = new GatewayServiceClient(service.grpcAddress, credentials.createInsecure(), options);
  const calls: ClientReadableStream<unknown>[] = [];
  return {
    service,
    grpc,
    subscribe(request) {
      const call = grpc.subscribeAssignments(SubscribeAssignmentsRequest.fromPartial(request));
      calls.push(call);
      const seen: SeenStream = { call, events: [], error: undefined, began: undefined };
      call.on('data', (event: AssignmentEvent) => seen.events.push(event));
      call.on('error', (error: ServiceError) => {
        seen.error = error;
      });
      call.on('metadata', (metadata: Metadata) => {
        const [start] = metadata.get('glitchwatch-start');
        const [stored] = metadata.get('glitchwatch-stored-cursor');
        seen.began = `${start}/${stored}`;
      });
      return seen;
    },
    families: () =>
      new Promise((resolve, reject) => {
        grpc.listFamilies({}, (error, answer) =>
          error === null ? resolve(answer) : reject(error),
        );
      }),
    metric: async (line) => {
      const text = await registry.metrics();
      const found = text.split('\n').find((candidate) => candidate.startsWith(`${line} `));
      return found === undefined ? 0 : Number(found.slice(line.length + 1));
    },
    async close() {
      for (const call of calls) call.cancel();
      grpc.close();
      await service.stop();
    },
  };
}

export function untilReady({ service }: Replica): Promise<void> {
  return until(() => service.readiness().ready, 'the replica to be ready');
}

/** A log whose records of one topic nobody gets to see before `release`. */
export function holdingBack(log: EventLog, topic: string): { log: EventLog; release(): void } {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const tail: EventLog['tail'] = (options) => {
    if (options.topic !== topic) return log.tail(options);
    return (async function* () {
      await held;
      yield* log.tail(options);
    })();
  };
  const log2 = new Proxy(log, {
    get: (target, name) => {
      if (name === 'tail') return tail;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { log: log2, release };
}
