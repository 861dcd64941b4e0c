import type { Alert, AlertEvent, SubscribeAlertsRequest } from '@glitchwatch/proto';
import type { handleServerStreamingCall } from '@grpc/grpc-js';
import type { GatewayParts } from '../context.js';
import { serveEvents, slowPolicyOf } from './serve-events.js';

/** Every revision of every novelty alert, filtered, from a cursor on. */
export function subscribeAlerts(
  parts: GatewayParts,
): handleServerStreamingCall<SubscribeAlertsRequest, AlertEvent> {
  return (call) => {
    const passes = alertFilter(call.request);
    void serveEvents(parts, call, {
      kind: 'grpc-alerts',
      events: 'alert',
      cursor: call.request.cursor,
      subscriber: call.request.subscriber,
      policy: slowPolicyOf(call.request.slowSubscriberPolicy),
      wants: (event) => event.kind === 'alert' && passes(event.alert),
      toMessage: (event, cursor) => ({
        cursor,
        alert: event.kind === 'alert' ? event.alert : undefined,
        dropped: 0n,
      }),
      withDropped: (event, dropped) => ({ ...event, dropped }),
    });
  };
}

/** By detectors with at least one member, by state and kind, and whether they concern the past. */
export function alertFilter(
  request: Pick<SubscribeAlertsRequest, 'ifos' | 'states' | 'kinds' | 'withoutHistorical'>,
): (alert: Alert) => boolean {
  const states = new Set(request.states);
  const kinds = new Set(request.kinds);
  return (alert) => {
    if (states.size > 0 && !states.has(alert.state)) return false;
    if (kinds.size > 0 && !kinds.has(alert.kind)) return false;
    if (request.withoutHistorical && alert.historical) return false;
    if (request.ifos.length === 0) return true;
    return request.ifos.some((ifo) => (alert.membersByIfo[ifo] ?? 0n) > 0n);
  };
}
