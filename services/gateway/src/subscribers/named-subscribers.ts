import type { EventLog } from '@glitchwatch/event-log';
import { GatewayError } from '../errors.js';
import type { LogEventKind } from '../stream/events.js';
import { checkCursor } from '../stream/feed.js';
import type { CursorKeeper } from './cursor-keeper.js';
import { subscriberKey } from './subscriber-name.js';
import type { Takeover } from './takeover.js';

/** Where a named stream begins, and why; told to the client. */
export interface NamedStart {
  readonly cursor: string;
  readonly start: 'stated' | 'stored' | 'earliest' | 'now';
  readonly storedCursor: 'found' | 'none' | 'invalid' | 'unavailable' | 'full' | 'unused';
  readonly key: string;
}

export interface NamedSubscribersParts {
  readonly log: EventLog;
  readonly keeper: CursorKeeper;
  readonly takeover: Takeover;
  readonly intervalMs: number;
  readonly onError: (error: unknown) => void;
}

/** Subscribers whose cursor the gateway keeps, one stream each. */
export class NamedSubscribers {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: NamedSubscribersParts) {}

  /**
   * A cursor that the client states counts first: only the client knows what it has
   * processed. Then the kept one, then what the client asks for without a cursor.
   *
   * @throws GatewayError `invalid_argument` for the name, `invalid_cursor` for the
   *   client's own cursor; never because of what is kept.
   */
  async begin(kind: LogEventKind, name: string, stated: string): Promise<NamedStart> {
    const key = subscriberKey(kind, name);
    const { log, keeper } = this.parts;
    if (stated !== '' && stated !== 'earliest') {
      await checkCursor(log, [kind], stated);
      return { key, cursor: stated, start: 'stated', storedCursor: 'unused' };
    }
    const kept = await keeper.find(key);
    const isUsable = kept.kind === 'found' && (await this.isUsable(kind, kept.cursor));
    if (kept.kind === 'found' && isUsable)
      return { key, cursor: kept.cursor, start: 'stored', storedCursor: 'found' };
    const storedCursor = kept.kind === 'found' ? 'invalid' : kept.kind;
    return { key, cursor: stated, start: stated === '' ? 'now' : 'earliest', storedCursor };
  }

  /** Takes the name over from any older stream; returns the way out. */
  hold(named: NamedStart, end: (error: GatewayError) => void): () => void {
    return this.parts.takeover.enter(named.key, end);
  }

  /** Keeps the cursor from now on, unless there is no room for the name; returns the way out. */
  keep(named: NamedStart, position: () => string): () => void {
    if (named.storedCursor === 'full') return () => undefined;
    return this.parts.keeper.follow(named.key, position);
  }

  start(): void {
    const tick = (): void => {
      Promise.all([this.parts.keeper.tick(), this.parts.takeover.tick()]).catch(this.parts.onError);
    };
    tick();
    this.timer = setInterval(tick, this.parts.intervalMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.parts.takeover.stop();
  }

  private async isUsable(kind: LogEventKind, cursor: string): Promise<boolean> {
    try {
      await checkCursor(this.parts.log, [kind], cursor);
      return true;
    } catch (error) {
      // The log was replaced: what is kept belongs to the old one.
      if (error instanceof GatewayError && error.code === 'invalid_cursor') return false;
      throw error;
    }
  }
}
