/**
 * How far what is shown can be trusted. `live`: the stream is open and the
 * gateway was heard lately. `stale`: the stream is open, but the gateway has
 * fallen silent or is still reading the log. `disconnected`: no stream.
 */
export type Connection = 'connecting' | 'live' | 'stale' | 'disconnected';

export const SILENCE_MS = 30_000;

export interface ConnectionFacts {
  readonly streamOpen: boolean;
  /** Was the stream ever open? */
  readonly everOpen: boolean;
  readonly failed: boolean;
  readonly caughtUp: boolean;
  readonly lastHeardMs: number;
}

export function judgeConnection(facts: ConnectionFacts, nowMs: number): Connection {
  if (!facts.streamOpen) return facts.everOpen || facts.failed ? 'disconnected' : 'connecting';
  if (!facts.caughtUp || nowMs - facts.lastHeardMs > SILENCE_MS) return 'stale';
  return 'live';
}
