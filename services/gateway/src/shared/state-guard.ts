import type { Logger } from '@glitchwatch/service-kit';
import { type StateStore, StateStoreError } from '@glitchwatch/state-store';
import type { GatewayMetrics } from '../metrics.js';

/** What the state store said, or that there is none to ask at present. */
export type StateAnswer<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'away' };

export type StateOperation =
  | 'read-cursor'
  | 'store-cursor'
  | 'list-cursors'
  | 'delete-cursor'
  | 'publish'
  | 'subscribe'
  | 'read-families'
  | 'store-families';

export interface StateGuardParts {
  /** Absent: a gateway that shares nothing. */
  readonly state: StateStore | undefined;
  readonly logger: Logger;
  readonly metrics: Pick<GatewayMetrics, 'stateErrors'>;
  readonly timeoutMs: number;
}

/** Calls that may be under way at once; a store that hangs collects no more. */
const MAX_UNDER_WAY = 1_024;

/**
 * The one way from the gateway to the state store, which is a cache: a call that
 * fails or takes too long is counted and answered "away", and nobody waits for it.
 */
export class StateGuard {
  private underWay = 0;
  private isAway = false;

  constructor(private readonly parts: StateGuardParts) {}

  get isShared(): boolean {
    return this.parts.state !== undefined;
  }

  async ask<T>(
    operation: StateOperation,
    call: (state: StateStore) => Promise<T>,
  ): Promise<StateAnswer<T>> {
    const { state, timeoutMs } = this.parts;
    if (state === undefined) return { kind: 'away' };
    if (this.underWay >= MAX_UNDER_WAY) return this.failed(operation, 'too many calls under way');
    this.underWay += 1;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), timeoutMs);
    });
    const answer = call(state).then((value) => ({ value }));
    // It may end long after its caller has gone on without it.
    const ended = (): void => {
      this.underWay -= 1;
    };
    answer.then(ended, ended);
    try {
      const first = await Promise.race([answer, late]);
      if (first === 'late') return this.failed(operation, `no answer within ${timeoutMs} ms`);
      this.noteBack();
      return { kind: 'answered', value: first.value };
    } catch (error) {
      // Anything else is our own fault, which a stream or a timer cannot mend either.
      if (!(error instanceof StateStoreError))
        this.parts.logger.error({ err: error, operation }, 'asking the state store failed');
      return this.failed(operation, error instanceof Error ? error.message : String(error));
    } finally {
      clearTimeout(timer);
    }
  }

  private failed(operation: StateOperation, reason: string): { readonly kind: 'away' } {
    const { metrics, logger } = this.parts;
    metrics.stateErrors.inc({ operation });
    // Once an outage, not once a call.
    if (!this.isAway)
      logger.warn({ operation, reason }, 'the state store is away; going on without');
    this.isAway = true;
    return { kind: 'away' };
  }

  private noteBack(): void {
    if (this.isAway) this.parts.logger.info('the state store answers again');
    this.isAway = false;
  }
}
