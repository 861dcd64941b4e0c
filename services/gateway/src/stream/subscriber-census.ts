import { GatewayError } from '../errors.js';
import type { SubscriberKind } from '../metrics.js';

/** Counts open subscriptions and refuses those above the bound. */
export class SubscriberCensus {
  private readonly open = new Map<SubscriberKind, number>();

  constructor(private readonly max: number) {}

  count(kind: SubscriberKind): number {
    return this.open.get(kind) ?? 0;
  }

  /**
   * Returns the way out, which may be called twice.
   *
   * @throws GatewayError `too_many_subscribers`.
   */
  enter(kind: SubscriberKind): () => void {
    const total = [...this.open.values()].reduce((sum, n) => sum + n, 0);
    if (total >= this.max) {
      throw new GatewayError(
        'too_many_subscribers',
        `${total} subscriptions are open and ${this.max} are allowed; try again later`,
      );
    }
    this.open.set(kind, this.count(kind) + 1);
    let inside = true;
    return () => {
      if (inside) this.open.set(kind, this.count(kind) - 1);
      inside = false;
    };
  }
}
