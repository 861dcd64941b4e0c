import {
  type AssignmentEvent,
  GatewayServiceClient,
  SubscribeAssignmentsRequest,
} from '@glitchwatch/proto';
import { type ClientReadableStream, credentials, status } from '@grpc/grpc-js';
import { supplyIndexOf } from './glitch-supply.js';
import { sharedClockMs } from './stage-protocol.js';

/** A subscriber of the gateway that notes when it first saw each glitch's assignment. */
export interface AssignmentWatch {
  /** Glitches seen so far. */
  readonly count: number;
  /** Undefined while the glitch has not been seen. */
  seenMs(index: number): number | undefined;
  close(): void;
}

export function watchAssignments(
  grpcAddress: string,
  onError: (error: Error) => void,
): AssignmentWatch {
  const client = new GatewayServiceClient(grpcAddress, credentials.createInsecure());
  const seen = new Map<number, number>();
  let cursor = 'earliest';
  let stream: ClientReadableStream<AssignmentEvent>;
  let closed = false;
  const open = (): void => {
    stream = client.subscribeAssignments(SubscribeAssignmentsRequest.fromPartial({ cursor }));
    stream.on('data', (event: AssignmentEvent) => {
      cursor = event.cursor;
      const peakGpsNs = event.assignment?.trigger?.peakGpsNs;
      if (peakGpsNs === undefined) return;
      const index = supplyIndexOf(peakGpsNs);
      if (!seen.has(index)) seen.set(index, sharedClockMs());
    });
    stream.on('error', (error: Error & { code?: number }) => {
      if (closed) return;
      // Too slow for the flood of a refit: goes on after the last event, as any subscriber would.
      if (error.code === status.RESOURCE_EXHAUSTED) open();
      else onError(error);
    });
  };
  open();
  return {
    get count() {
      return seen.size;
    },
    seenMs: (index) => seen.get(index),
    close() {
      closed = true;
      stream.cancel();
      client.close();
    },
  };
}
