import { once } from 'node:events';
import type { GetMapRequest, MapChunk } from '@glitchwatch/proto';
import type { handleServerStreamingCall } from '@grpc/grpc-js';
import type { GatewayParts } from '../context.js';

/** About 200 kB per message. */
const POINTS_PER_CHUNK = 4_096;

/** The whole map as it is now, in chunks, at the reader's speed. */
export function getMap(parts: GatewayParts): handleServerStreamingCall<GetMapRequest, MapChunk> {
  return (call) => {
    const endTimer = parts.metrics.requestSeconds.startTimer({ route: 'grpc.GetMap' });
    const columns = parts.model.glitches.snapshot();
    const modelVersion = parts.model.families.model?.modelVersion ?? 0;
    const send = async (): Promise<void> => {
      for (let at = 0; at < columns.x.length && !call.cancelled; at += POINTS_PER_CHUNK) {
        const to = at + POINTS_PER_CHUNK;
        const wantsMore = call.write({
          modelVersion,
          glitchIds: columns.glitchIds.slice(at, to),
          x: [...columns.x.subarray(at, to)],
          y: [...columns.y.subarray(at, to)],
          familyIds: [...columns.familyIds.subarray(at, to)],
        });
        if (!wantsMore) await Promise.race([once(call, 'drain'), once(call, 'cancelled')]);
      }
      call.end();
    };
    send().then(
      () => endTimer({ status: 'OK' }),
      (error: unknown) => {
        endTimer({ status: 'ABORTED' });
        parts.logger.debug({ err: error }, 'map reader went away');
      },
    );
  };
}
