import type { EventLog, LogRecord } from '@glitchwatch/event-log';
import { Assignment, Glitch, topics } from '@glitchwatch/proto';
import { GatewayError } from '../errors.js';
import type { LogPlace } from '../read-model/glitch-table.js';
import type { ReadModel } from '../read-model/read-model.js';

/** A glitch in full, from the log on demand. */
export interface GlitchReader {
  /** @throws GatewayError `unknown_glitch` or `picture_expired`. */
  glitch(glitchId: string): Promise<Glitch>;
  /** Current assignment; undefined while it is on its way. */
  assignment(glitchId: string): Promise<Assignment | undefined>;
}

export function createGlitchReader(log: EventLog, model: ReadModel): GlitchReader {
  async function recordAt(topic: string, place: LogPlace): Promise<LogRecord | undefined> {
    const [record] = await log.read(topic, place.partition, place.offset, 1);
    return record?.offset === place.offset ? record : undefined;
  }

  function rowOf(glitchId: string): number {
    const row = model.glitches.rowOf(glitchId);
    if (row !== undefined) return row;
    throw new GatewayError(
      'unknown_glitch',
      `glitch_id: no glitch ${JSON.stringify(glitchId.slice(0, 64))} is known here`,
    );
  }

  return {
    async glitch(glitchId) {
      const place = model.glitches.triggerPlace(rowOf(glitchId));
      const record = place && (await recordAt(topics.triggers, place));
      if (record !== undefined) return Glitch.decode(record.value);
      throw new GatewayError(
        'picture_expired',
        `glitch ${glitchId} is known, but its trigger is no longer in the log`,
      );
    },
    async assignment(glitchId) {
      const place = model.glitches.assignmentPlace(rowOf(glitchId));
      const record = place && (await recordAt(topics.assignments, place));
      return record && Assignment.decode(record.value);
    },
  };
}
