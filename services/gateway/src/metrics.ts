import type { Registry } from '@glitchwatch/service-kit';
import { type Counter, counter, gauge, type Histogram, histogram } from '@glitchwatch/service-kit';
import type { ReadModel } from './read-model/read-model.js';

export type SubscriberKind = 'grpc-assignments' | 'grpc-alerts' | 'sse';

/** The gateway's numbers, all of them. */
export interface GatewayMetrics {
  readonly events: Counter<'kind'>;
  readonly dropped: Counter<'kind'>;
  readonly errors: Counter<'code'>;
  readonly requestSeconds: Histogram<'route' | 'status'>;
  /** From the clusterer's assignment to the bytes' way to a browser. */
  readonly assignmentToSend: Histogram<'kind'>;
  readonly pictures: Counter<'outcome'>;
  readonly explanations: Counter<'outcome'>;
  /** Of the state store, which is a cache: nothing failed because of them. */
  readonly stateErrors: Counter<'operation'>;
  readonly cursorsStored: Counter;
  readonly takeovers: Counter;
}

export interface MeteredState {
  readonly model: ReadModel;
  subscribers(kind: SubscriberKind): number;
  pictureCacheBytes(): number;
  namedSubscribers(): number;
}

const kinds: readonly SubscriberKind[] = ['grpc-assignments', 'grpc-alerts', 'sse'];

export function createMetrics(registry: Registry, state: MeteredState): GatewayMetrics {
  const subscribers = gauge(registry, {
    name: 'glitchwatch_gateway_subscribers',
    help: 'Open subscriptions',
    labelNames: ['kind'],
  });
  const size = gauge(registry, {
    name: 'glitchwatch_gateway_read_model_entries',
    help: 'Entries held by the read model',
    labelNames: ['kind'],
  });
  const cacheBytes = gauge(registry, {
    name: 'glitchwatch_gateway_picture_cache_bytes',
    help: 'Bytes of drawn pictures held',
  });
  const named = gauge(registry, {
    name: 'glitchwatch_gateway_named_subscribers',
    help: 'Open subscriptions whose cursor the gateway keeps',
  });
  // Sizes are read when somebody asks, not kept up with every event.
  const collect = (): void => {
    for (const kind of kinds) subscribers.set({ kind }, state.subscribers(kind));
    size.set({ kind: 'glitches' }, state.model.glitches.size);
    size.set({ kind: 'assigned' }, state.model.glitches.nAssigned);
    size.set({ kind: 'families' }, state.model.families.nFamilies);
    size.set({ kind: 'alerts' }, state.model.alerts.size);
    cacheBytes.set(state.pictureCacheBytes());
    named.set(state.namedSubscribers());
  };
  Object.assign(subscribers, { collect });
  return {
    events: counter(registry, {
      name: 'glitchwatch_gateway_events_total',
      help: 'Events handed to subscribers',
      labelNames: ['kind'],
    }),
    dropped: counter(registry, {
      name: 'glitchwatch_gateway_dropped_total',
      help: 'Events that a slow subscriber did not get (before a disconnect: that were waiting)',
      labelNames: ['kind'],
    }),
    errors: counter(registry, {
      name: 'glitchwatch_gateway_errors_total',
      help: 'Records and requests that failed',
      labelNames: ['code'],
    }),
    requestSeconds: histogram(registry, {
      name: 'glitchwatch_gateway_request_seconds',
      help: 'HTTP and gRPC requests, streams apart',
      labelNames: ['route', 'status'],
    }),
    assignmentToSend: histogram(registry, {
      name: 'glitchwatch_gateway_assignment_to_send_seconds',
      help: 'From assigned_at of a live assignment to sending it to a subscriber',
      labelNames: ['kind'],
    }),
    pictures: counter(registry, {
      name: 'glitchwatch_gateway_pictures_total',
      help: 'Spectrogram pictures served, from the cache or drawn',
      labelNames: ['outcome'],
    }),
    explanations: counter(registry, {
      name: 'glitchwatch_gateway_explanations_total',
      help: 'Explanations from the cache, asked of the embedder, or refused for their rate',
      labelNames: ['outcome'],
    }),
    stateErrors: counter(registry, {
      name: 'glitchwatch_gateway_state_errors_total',
      help: 'Calls of the state store that failed or took too long',
      labelNames: ['operation'],
    }),
    cursorsStored: counter(registry, {
      name: 'glitchwatch_gateway_cursors_stored_total',
      help: 'Cursors of named subscribers written to the state store',
    }),
    takeovers: counter(registry, {
      name: 'glitchwatch_gateway_takeovers_total',
      help: 'Streams ended because their subscriber connected again',
    }),
  };
}
