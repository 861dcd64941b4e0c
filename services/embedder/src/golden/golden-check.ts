import { setTimeout as delay } from 'node:timers/promises';
import type { EventLog } from '@glitchwatch/event-log';
import { type CosineShift, cosineShift } from '@glitchwatch/numerics';
import { GoldenEmbeddings, goldenEventId, messageHeaders, topics } from '@glitchwatch/proto';
import type { Clock } from '@glitchwatch/service-kit';
import type { Embedder } from '../embedder.js';
import { asEmbedderError, type EmbedderError } from '../errors.js';
import { type Golden, goldenFor } from './golden-set.js';

export interface GoldenEvents {
  /** `shift` from the first embeddings of the golden glitches on this log. */
  onGoldenChecked(shift: CosineShift): void;
  onGoldenFailed(error: EmbedderError): void;
}

export interface GoldenCheckParts {
  readonly log: Pick<EventLog, 'tail' | 'append'>;
  readonly embedder: Pick<Embedder, 'name' | 'sha256' | 'device' | 'description' | 'embed'>;
  readonly golden: Golden;
  readonly runtime: string;
  readonly clock: Clock;
  readonly events: GoldenEvents;
}

/** What the log says of this golden set. */
interface Known {
  readonly first: GoldenEmbeddings | undefined;
  readonly newest: GoldenEmbeddings | undefined;
}

/**
 * Is the embedder what it was? It embeds the golden glitches as any others, compares
 * with what stands on the log from the embedder's first use, and tells the log where
 * anything differs. A dozen glitches per check, in the workers and behind the same
 * queue as all others.
 */
export class GoldenCheck {
  constructor(private readonly parts: GoldenCheckParts) {}

  /** Now, and again every `everySec`, until `signal` aborts. Never rejects. */
  async run(everySec: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.check(signal);
      } catch (error) {
        // Live glitches go on; the next check comes by itself.
        if (!signal.aborted) this.parts.events.onGoldenFailed(asEmbedderError(error));
      }
      await delay(everySec * 1_000, undefined, { signal }).catch(() => undefined); // ends early at a stop
    }
  }

  async check(signal: AbortSignal): Promise<CosineShift> {
    const { log, embedder, golden, events } = this.parts;
    const vectors = await embedder.embed(goldenFor(golden, embedder.description), signal);
    const made = this.message(vectors);
    const { first, newest } = await this.known(signal);
    if (newest === undefined || !isSame(newest, made)) {
      await log.append([
        {
          topic: topics.golden,
          key: golden.sha256,
          value: GoldenEmbeddings.encode(made).finish(),
          headers: messageHeaders(
            'GoldenEmbeddings',
            goldenEventId(made.embedderSha256, made.goldenSha256, made.embeddedAtMs),
          ),
        },
      ]);
    }
    const shift = cosineShift(valuesOf(first ?? made), valuesOf(made));
    events.onGoldenChecked(shift);
    return shift;
  }

  private message(vectors: readonly Float32Array[]): GoldenEmbeddings {
    const { embedder, golden, runtime, clock } = this.parts;
    return {
      goldenSha256: golden.sha256,
      embedder: embedder.name,
      embedderSha256: embedder.sha256,
      device: embedder.device,
      runtime,
      vectors: vectors.map((vector) => ({ values: Array.from(vector) })),
      embeddedAtMs: BigInt(Math.round(clock.nowMs())),
    };
  }

  private async known(signal: AbortSignal): Promise<Known> {
    let first: GoldenEmbeddings | undefined;
    let newest: GoldenEmbeddings | undefined;
    const { log, golden } = this.parts;
    const all = { topic: topics.golden, from: 'earliest', stopAtEnd: true, signal } as const;
    for await (const batch of log.tail(all)) {
      for (const { key, value } of batch.records) {
        if (key !== golden.sha256) continue;
        const one = GoldenEmbeddings.decode(value);
        first ??= one;
        newest = one;
      }
    }
    return { first, newest };
  }
}

function isSame(a: GoldenEmbeddings, b: GoldenEmbeddings): boolean {
  return (
    a.embedderSha256 === b.embedderSha256 &&
    a.device === b.device &&
    a.vectors.length === b.vectors.length &&
    a.vectors.every(({ values }, row) => {
      const others = b.vectors[row]!.values;
      return values.length === others.length && values.every((value, i) => value === others[i]);
    })
  );
}

function valuesOf({ vectors }: GoldenEmbeddings): number[][] {
  return vectors.map(({ values }) => values);
}
