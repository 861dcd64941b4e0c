import { Backoff, pauseFor } from '../embedded/backoff.js';
import { EventLogError } from '../errors.js';
import { eventLogErrorOf } from './broker-error.js';

export interface RenewableOptions<Link> {
  readonly open: () => Promise<Link>;
  /** How long a call goes on trying. */
  readonly deadlineMs: number;
  /** The log closes: no further try. */
  readonly signal: AbortSignal;
}

/**
 * A connection that is thrown away after any failure and made anew for the next
 * try. kafkajs's own recovery keeps stale metadata and dead sockets in some
 * cases; a new one never does.
 */
export class Renewable<Link extends { cut(): void }> {
  readonly #options: RenewableOptions<Link>;
  #current: Promise<Link> | undefined;

  constructor(options: RenewableOptions<Link>) {
    this.#options = options;
  }

  /**
   * Runs `work`, which may run several times. Throws what is final at once and
   * `unavailable` after the deadline. Unless it is told to be final, "unknown
   * topic" is believed only from a new connection: an older one says so of every
   * topic once any that it has met was deleted.
   */
  async use<Result>(
    doing: string,
    work: (link: Link) => Promise<Result>,
    { unknownIsFinal = false } = {},
  ): Promise<Result> {
    let doubted = !unknownIsFinal;
    const { deadlineMs, signal } = this.#options;
    const end = performance.now() + deadlineMs;
    const backoff = new Backoff(50, 1000);
    for (;;) {
      if (signal.aborted) throw new EventLogError('closed', 'the event log is closed');
      this.#current ??= this.#options.open();
      const current = this.#current;
      try {
        return await work(await current);
      } catch (error) {
        const told = eventLogErrorOf(error, doing);
        if (told.code === 'unknown_topic' && doubted) {
          doubted = false;
          this.#discard(current);
          continue;
        }
        if (told.code !== 'unavailable') throw told;
        this.#discard(current);
        const pauseMs = backoff.next();
        if (performance.now() + pauseMs > end) throw told;
        await pauseFor(pauseMs, signal);
      }
    }
  }

  close(): void {
    if (this.#current !== undefined) this.#discard(this.#current);
  }

  #discard(link: Promise<Link>): void {
    if (this.#current === link) this.#current = undefined;
    link.then(
      ({ cut }) => cut(),
      // It never opened: whoever waited for it has been told.
      () => undefined,
    );
  }
}
