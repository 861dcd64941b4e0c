import type { Assignment, AssignmentEvent, SubscribeAssignmentsRequest } from '@glitchwatch/proto';
import type { handleServerStreamingCall } from '@grpc/grpc-js';
import type { GatewayParts } from '../context.js';
import { serveEvents, slowPolicyOf } from './serve-events.js';

/** Assignments as they are made, filtered, from a cursor on. A second copy of one is left out. */
export function subscribeAssignments(
  parts: GatewayParts,
): handleServerStreamingCall<SubscribeAssignmentsRequest, AssignmentEvent> {
  return (call) => {
    const passes = assignmentFilter(call.request);
    void serveEvents(parts, call, {
      kind: 'grpc-assignments',
      events: 'assignment',
      cursor: call.request.cursor,
      subscriber: call.request.subscriber,
      policy: slowPolicyOf(call.request.slowSubscriberPolicy),
      wants: (event) =>
        event.kind === 'assignment' &&
        passes(event.assignment) &&
        !parts.model.glitches.isRepeat(event.assignment, event.place),
      toMessage: (event, cursor) => ({
        cursor,
        assignment: event.kind === 'assignment' ? event.assignment : undefined,
        dropped: 0n,
      }),
      withDropped: (event, dropped) => ({ ...event, dropped }),
    });
  };
}

/** Who watches a family hears also of a glitch that has left it. */
function concerns(
  { familyId, previousFamilyId }: Assignment,
  familyIds: ReadonlySet<number>,
): boolean {
  if (familyIds.has(familyId)) return true;
  return previousFamilyId !== undefined && familyIds.has(previousFamilyId);
}

/** Every filter that is given must pass; what a trigger does not state fails a filter on it. */
export function assignmentFilter(
  request: Pick<SubscribeAssignmentsRequest, 'ifos' | 'familyIds' | 'maxNoveltyPValue' | 'minSnr'>,
): (assignment: Assignment) => boolean {
  const ifos = new Set(request.ifos);
  const familyIds = new Set(request.familyIds);
  const { maxNoveltyPValue, minSnr } = request;
  return (assignment) => {
    if (ifos.size > 0 && !ifos.has(assignment.trigger?.ifo ?? '')) return false;
    if (familyIds.size > 0 && !concerns(assignment, familyIds)) return false;
    if (maxNoveltyPValue !== undefined && !(assignment.noveltyPValue <= maxNoveltyPValue)) {
      return false;
    }
    const snr = assignment.trigger?.snr;
    return minSnr === undefined || (snr !== undefined && snr >= minSnr);
  };
}
