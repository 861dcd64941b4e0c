import { GatewayError } from '../errors.js';

/** What happens when a subscriber reads more slowly than events come. */
export type SlowPolicy = 'disconnect' | 'drop-oldest';

/** The far end of one subscription: a gRPC call or an HTTP answer. */
export interface Sink<Event> {
  /** False when it wants no more until its drain. */
  write(event: Event, dropped: number): boolean;
  /** Ends the stream because of an error. */
  fail(error: GatewayError): void;
}

export interface BoundedSenderOptions<Event> {
  readonly capacity: number;
  readonly policy: SlowPolicy;
  readonly sink: Sink<Event>;
  readonly onSent?: (event: Event) => void;
  readonly onDropped?: (n: number) => void;
}

/**
 * Queue in front of one subscriber. At most `capacity` events wait; beyond that
 * the policy decides: the stream ends with `slow_subscriber` (and can be resumed
 * by cursor without loss), or the oldest go and the next event says how many.
 */
export class BoundedSender<Event> {
  private readonly waiting: Event[] = [];
  private head = 0;
  private dropped = 0;
  private blocked = false;
  private closed = false;
  private wakeWhenClear: (() => void) | undefined;

  constructor(private readonly options: BoundedSenderOptions<Event>) {}

  get isClosed(): boolean {
    return this.closed;
  }

  get nWaiting(): number {
    return this.waiting.length - this.head;
  }

  offer(event: Event): void {
    if (this.closed) return;
    this.waiting.push(event);
    this.pump();
    if (this.nWaiting > this.options.capacity) this.overflow();
  }

  /** The sink can take more. */
  drained(): void {
    this.blocked = false;
    this.pump();
  }

  /** Resolves when nothing waits: for a reader of history, who can wait instead of dropping. */
  clear(): Promise<void> {
    if (this.closed || (!this.blocked && this.nWaiting === 0)) return Promise.resolve();
    return new Promise((resolve) => {
      this.wakeWhenClear = resolve;
    });
  }

  close(): void {
    this.closed = true;
    this.waiting.length = 0;
    this.head = 0;
    this.wake();
  }

  private pump(): void {
    while (!this.blocked && !this.closed && this.head < this.waiting.length) {
      const event = this.waiting[this.head]!;
      this.forgetHead();
      const dropped = this.dropped;
      this.dropped = 0;
      this.blocked = !this.options.sink.write(event, dropped);
      this.options.onSent?.(event);
    }
    if (!this.blocked && this.nWaiting === 0) this.wake();
  }

  private overflow(): void {
    if (this.options.policy === 'drop-oldest') {
      this.forgetHead();
      this.dropped += 1;
      this.options.onDropped?.(1);
      return;
    }
    const n = this.nWaiting;
    this.options.onDropped?.(n);
    this.close();
    this.options.sink.fail(
      new GatewayError(
        'slow_subscriber',
        `${n} events were waiting and the bound is ${this.options.capacity}: subscribe again with the cursor of the last event you saw`,
      ),
    );
  }

  /** Amortised: the array is cut only when half of it is spent. */
  private forgetHead(): void {
    this.head += 1;
    if (this.head > 64 && this.head * 2 > this.waiting.length) {
      this.waiting.splice(0, this.head);
      this.head = 0;
    }
  }

  private wake(): void {
    this.wakeWhenClear?.();
    this.wakeWhenClear = undefined;
  }
}
