import { typeOfBrokerError } from './broker-error.js';

/** The broker's words for: this member is no longer in the group. */
const lostTypes = ['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID'];
/** … and for: the group shares its partitions out anew; finish what is in hand and join again. */
const leavingTypes = ['REBALANCE_IN_PROGRESS', 'NOT_COORDINATOR_FOR_GROUP'];

export interface LeaseOptions {
  readonly heartbeat: () => Promise<void>;
  readonly intervalMs: number;
  /** The member stops. */
  readonly stopping: AbortSignal;
}

/**
 * A member's hold on the partition whose batch it has in hand: beats while the
 * handler works, and learns from the answers when the hold is called back or lost.
 */
export class Lease {
  readonly #options: LeaseOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #abort = new AbortController();
  readonly #stop = (): void => this.#abort.abort();
  #beating: Promise<void> = Promise.resolve();
  #lost = false;
  #end: unknown;

  constructor(options: LeaseOptions) {
    this.#options = options;
    // kafkajs leaves a beat out that comes too early, so there are more calls than beats.
    this.#timer = setInterval(() => {
      this.#beating = this.beat();
    }, options.intervalMs / 3);
    if (options.stopping.aborted) this.#stop();
    else options.stopping.addEventListener('abort', this.#stop);
  }

  /** Aborts when the member stops or has lost the partition. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Somebody else may have the partition by now. */
  get lost(): boolean {
    return this.#lost;
  }

  /** No further batch may be taken. */
  get ended(): boolean {
    return this.#end !== undefined;
  }

  async beat(): Promise<void> {
    try {
      await this.#options.heartbeat();
    } catch (error) {
      this.note(error);
    }
  }

  /** Learns from an error of the broker; true when it says something about the hold. */
  note(error: unknown): boolean {
    const type = typeOfBrokerError(error) ?? '';
    if (lostTypes.includes(type)) {
      this.#end = error;
      this.#lost = true;
      this.#abort.abort();
      return true;
    }
    if (leavingTypes.includes(type)) {
      this.#end ??= error;
      return true;
    }
    // The coordinator cannot be reached: the session may well outlive that.
    return false;
  }

  /** To be called once, at the end; throws what ended the hold, which makes kafkajs join again. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    this.#options.stopping.removeEventListener('abort', this.#stop);
    await this.#beating;
    if (this.#end !== undefined) throw this.#end;
  }
}
