import { setTimeout as delay } from 'node:timers/promises';
import { type AssignmentDigest, digestAssignments } from '@glitchwatch/clusterer';
import type { EventLog } from '@glitchwatch/event-log';
import { Assignment, topics } from '@glitchwatch/proto';
import { CliError } from '../errors.js';

const POLL_MS = 5;
const PATIENCE_MS = 120_000;

/** Reads glitch.assignments along, and knows which glitches have one under which model. */
export class Answers {
  readonly #log: EventLog;
  readonly #signal: AbortSignal;
  readonly #byVersion = new Map<number, Set<string>>();
  readonly #all: Assignment[] = [];
  #failure: unknown;

  constructor(log: EventLog, signal: AbortSignal) {
    this.#log = log;
    this.#signal = signal;
  }

  get count(): number {
    return this.#all.length;
  }

  /** Until the signal aborts. */
  async follow(): Promise<void> {
    const tail = { topic: topics.assignments, from: 'earliest', signal: this.#signal } as const;
    try {
      for await (const { records } of this.#log.tail(tail))
        for (const { value } of records) this.#take(Assignment.decode(value));
    } catch (error) {
      // Whoever waits is told.
      this.#failure = error;
    }
  }

  /** @throws CliError `pipeline_failed` where so many have none for two minutes. */
  async until(modelVersion: number, glitches: number): Promise<void> {
    let [count, since] = [this.count, performance.now()];
    while (this.#under(modelVersion) < glitches) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.count > count) [count, since] = [this.count, performance.now()];
      if (performance.now() - since > PATIENCE_MS)
        throw new CliError(
          'pipeline_failed',
          `model ${modelVersion}: expected ${glitches} glitches with an assignment, found ` +
            `${this.#under(modelVersion)} and nothing new for ${PATIENCE_MS / 1_000} s`,
        );
      await delay(POLL_MS, undefined, { signal: this.#signal });
    }
  }

  digest(): AssignmentDigest {
    return digestAssignments(this.#all);
  }

  #under(modelVersion: number): number {
    return this.#byVersion.get(modelVersion)?.size ?? 0;
  }

  #take(assignment: Assignment): void {
    this.#all.push(assignment);
    const { modelVersion, glitchId } = assignment;
    const known = this.#byVersion.get(modelVersion);
    if (known === undefined) this.#byVersion.set(modelVersion, new Set([glitchId]));
    else known.add(glitchId);
  }
}
