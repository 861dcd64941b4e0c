import { GatewayError } from '../errors.js';
import type { LogEventKind } from '../stream/events.js';

const pattern = /^[A-Za-z0-9._:@/-]{1,128}$/;

/**
 * A name under which a cursor is kept, with the kind of stream: one name may follow
 * alerts and assignments.
 *
 * @throws GatewayError `invalid_argument`.
 */
export function subscriberKey(kind: LogEventKind, name: string): string {
  if (pattern.test(name)) return `${kind}/${name}`;
  throw new GatewayError(
    'invalid_argument',
    `subscriber: expected 1 to 128 of [A-Za-z0-9._:@/-], found "${name.slice(0, 140)}"`,
  );
}
