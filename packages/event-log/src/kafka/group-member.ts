import { Backoff, pauseFor } from '../embedded/backoff.js';
import type { GroupConsumer } from '../port.js';
import { eventLogErrorOf } from './broker-error.js';
import { GroupSession, type GroupSessionOptions } from './group-session.js';

/** How long leaving may take once the last batch has ended; then the connection is cut. */
const LEAVE_PATIENCE_MS = 10_000;

export type GroupMemberOptions = Omit<
  GroupSessionOptions,
  'stopping' | 'isPaused' | 'onJoined' | 'onError'
>;

/** One member of a group: builds a consumer, and another one when it dies, until it is stopped. */
export class GroupMember implements GroupConsumer {
  readonly #options: GroupMemberOptions;
  readonly #stopping = new AbortController();
  readonly #backoff = new Backoff(100, 5000);
  readonly #running: Promise<void>;
  #session: GroupSession | undefined;
  #paused = false;
  #stopped: Promise<void> | undefined;

  constructor(options: GroupMemberOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  assignedPartitions(): readonly string[] {
    return this.#session?.assignedPartitions() ?? [];
  }

  pause(): void {
    this.#paused = true;
    this.#session?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#session?.resume();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    await this.#session?.leave(LEAVE_PATIENCE_MS);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const onError = this.#options.consume.onError;
    while (!signal.aborted) {
      this.#session = new GroupSession({
        ...this.#options,
        stopping: signal,
        isPaused: () => this.#paused,
        onJoined: () => this.#backoff.reset(),
        onError: (error, batch) => onError?.(error, batch),
      });
      this.#session.start();
      const error = await this.#session.ended;
      if (signal.aborted || error === undefined) return;
      onError?.(
        eventLogErrorOf(error, `group ${this.#options.consume.groupId}: the consumer has died`),
        undefined,
      );
      await pauseFor(this.#backoff.next(), signal);
    }
  }
}
