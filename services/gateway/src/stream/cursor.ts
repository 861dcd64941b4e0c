import { GatewayError } from '../errors.js';

/** Next offset to read, by topic and then by partition number. */
export type Positions = ReadonlyMap<string, readonly bigint[]>;

const VERSION = 'g1';

/**
 * An opaque resume point. Inside: version, then per topic its partitions' next
 * offsets, as base64url text. Only `decodeCursor` may look into it.
 */
export function encodeCursor(positions: Positions): string {
  const parts = [...positions].map(([topic, offsets]) => `${topic}=${offsets.join(',')}`);
  return Buffer.from([VERSION, ...parts].join(';')).toString('base64url');
}

/**
 * Reads a cursor that must cover the topics of `ends` (their logs' current ends).
 *
 * @throws GatewayError `invalid_cursor` for anything this gateway cannot have
 *   given out: other text, other topics or partitions, offsets beyond the end.
 */
export function decodeCursor(cursor: string, ends: Positions): Map<string, bigint[]> {
  const positions = parse(cursor);
  for (const [topic, end] of ends) {
    const offsets = positions.get(topic);
    if (offsets === undefined) throw invalid(`it does not cover topic ${topic}`);
    if (offsets.length !== end.length) {
      throw invalid(`${topic} has ${end.length} partitions, the cursor ${offsets.length}`);
    }
    offsets.forEach((offset, partition) => {
      if (offset > end[partition]!) {
        throw invalid(
          `${topic}/${partition} ends at ${end[partition]}, the cursor says ${offset}; the log may have been replaced`,
        );
      }
    });
  }
  for (const topic of positions.keys()) {
    if (!ends.has(topic)) throw invalid(`topic ${topic} is not part of this stream`);
  }
  return positions;
}

function parse(cursor: string): Map<string, bigint[]> {
  if (cursor.length > 2_048 || !/^[A-Za-z0-9_-]+$/.test(cursor)) {
    throw invalid('it is not a cursor of this gateway');
  }
  const [version, ...parts] = Buffer.from(cursor, 'base64url').toString('utf8').split(';');
  if (version !== VERSION) throw invalid('it is not a cursor of this gateway');
  const positions = new Map<string, bigint[]>();
  for (const part of parts) {
    const match = /^([A-Za-z0-9._-]+)=(\d{1,19}(?:,\d{1,19})*)$/.exec(part);
    if (match === null) throw invalid('it is not a cursor of this gateway');
    positions.set(match[1]!, match[2]!.split(',').map(BigInt));
  }
  return positions;
}

function invalid(why: string): GatewayError {
  return new GatewayError(
    'invalid_cursor',
    `cursor: ${why}; expected the cursor of an event, "earliest" or nothing`,
  );
}
