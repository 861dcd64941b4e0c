import type { EventLog } from '@glitchwatch/event-log';
import type { Registry } from 'prom-client';
import type { Logger } from './logger.js';

/** What every service shares; each adds the ports it needs. */
export interface ServiceContext {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly clock: Clock;
}

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
}

export const systemClock: Clock = { nowMs: () => Date.now() };
