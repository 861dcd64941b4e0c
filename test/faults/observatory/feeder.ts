import { setTimeout as delay } from 'node:timers/promises';
import {
  type Glitch,
  IngestServiceClient,
  SubmitTriggersRequest,
  type SubmitTriggersResponse,
} from '@glitchwatch/proto';
import { credentials } from '@grpc/grpc-js';
import { waitFor } from '../../fixtures/wait-for.js';

const CALL_DEADLINE_MS = 20_000;
const RETRY_MS = 200;
const MAX_IN_FLIGHT = 12;
const GROUP = 4;

export interface FeederOptions {
  /** gRPC ports of the ingest replicas, used in turn. */
  readonly ports: readonly number[];
  readonly nextGlitches: (count: number) => readonly Glitch[];
  readonly perSec: number;
}

/**
 * A search pipeline that hands in glitches at a rate and gives none up: what
 * was not accepted is handed in again, at the other replica.
 */
export class Feeder {
  readonly #options: FeederOptions;
  readonly #clients: readonly IngestServiceClient[];
  readonly #inFlight = new Set<Promise<void>>();
  #loop: Promise<void> = Promise.resolve();
  #stopping = new AbortController();
  #turn = 0;
  #hasGivenUp = false;
  /** Ids of glitches that ingest said it has. */
  readonly accepted = new Set<string>();
  /** Calls that failed and were made again. */
  failedCalls = 0;
  readonly refusals: string[] = [];

  constructor(options: FeederOptions) {
    this.#options = options;
    this.#clients = options.ports.map(
      (port) =>
        new IngestServiceClient(`127.0.0.1:${port}`, credentials.createInsecure(), {
          'grpc.initial_reconnect_backoff_ms': 200,
          'grpc.max_reconnect_backoff_ms': 1_000,
        }),
    );
  }

  start(): void {
    this.#stopping = new AbortController();
    this.#loop = this.#run(this.#stopping.signal);
  }

  /** Hands in no more; resolves when all that was begun is accepted. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    await Promise.all(this.#inFlight);
  }

  /** Until so many more are accepted. */
  async more(count: number, deadlineMs = 120_000): Promise<void> {
    const goal = this.accepted.size + count;
    await waitFor(
      `${count} more glitches accepted`,
      () => (this.accepted.size >= goal ? true : undefined),
      { deadlineMs },
    );
  }

  /** One group, in this order, until ingest has it. */
  async submit(glitches: readonly Glitch[]): Promise<void> {
    while (!this.#hasGivenUp) {
      const client = this.#clients[this.#turn++ % this.#clients.length]!;
      try {
        const { glitchIds, rejected } = await call(client, glitches);
        this.refusals.push(...rejected.map(({ code, message }) => `${code}: ${message}`));
        for (const glitchId of glitchIds) this.accepted.add(glitchId);
        return;
      } catch {
        // Whatever it was: the pipeline cannot know what of it came in, and hands it in again.
        this.failedCalls += 1;
        await delay(RETRY_MS);
      }
    }
  }

  /** Ends it all, whatever is under way. */
  async giveUp(): Promise<void> {
    this.#hasGivenUp = true;
    this.#stopping.abort();
    for (const client of this.#clients) client.close();
    await this.#loop;
    await Promise.all(this.#inFlight);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const everyMs = (1_000 * GROUP) / this.#options.perSec;
    while (!signal.aborted) {
      const turn = this.submit(this.#options.nextGlitches(GROUP)).finally(() => {
        this.#inFlight.delete(turn);
      });
      this.#inFlight.add(turn);
      await delay(everyMs, undefined, { signal }).catch(() => undefined);
      if (this.#inFlight.size >= MAX_IN_FLIGHT) await Promise.race(this.#inFlight);
    }
  }
}

function call(
  client: IngestServiceClient,
  glitches: readonly Glitch[],
): Promise<SubmitTriggersResponse> {
  return new Promise((resolve, reject) => {
    const deadline = Date.now() + CALL_DEADLINE_MS;
    const stream = client.submitTriggers({ deadline }, (error, response) => {
      if (error) reject(error);
      else resolve(response);
    });
    for (const { trigger, windows } of glitches) {
      stream.write(
        SubmitTriggersRequest.fromPartial({ ...(trigger ? { trigger } : {}), grids: windows }),
      );
    }
    stream.end();
  });
}
