import { CompressionTypes, type Message, Partitioners, type Producer } from 'kafkajs';
import { Backoff, pauseFor } from '../embedded/backoff.js';
import { EventLogError } from '../errors.js';
import type { OutgoingRecord } from '../port.js';
import { eventLogErrorOf } from './broker-error.js';
import { createClient } from './client.js';
import type { KafkaSettings } from './options.js';
import { toMessage } from './records.js';

/** A record with its place; the topic's name is the cluster's. */
export interface Slot {
  readonly topic: string;
  readonly partition: number;
  readonly record: OutgoingRecord;
}

interface Link {
  readonly producer: Producer;
  cut(): void;
}

const ACKS_TIMEOUT_MS = 15_000;
const LONGEST_RETRY_MS = 1000;

/**
 * The idempotent producer: acks from all replicas in sync, one request in flight.
 * kafkajs retries a send under the same sequence numbers, so the broker drops
 * repeats. When a send has failed for good nobody knows which of its batches were
 * stored, and another batch under those numbers could be taken for a repeat and
 * dropped: so the producer, with its id and its connections, is thrown away.
 */
export class ProducerSlot {
  readonly #settings: KafkaSettings;
  readonly #signal: AbortSignal;
  #link: Promise<Link> | undefined;

  constructor(settings: KafkaSettings, signal: AbortSignal) {
    this.#settings = settings;
    this.#signal = signal;
  }

  /** Offsets of the slots, in order. Slots of one partition must fit one batch. */
  async send(slots: readonly Slot[]): Promise<bigint[]> {
    const end = performance.now() + this.#settings.deliveryTimeoutMs;
    const { producer } = await this.#open(end);
    try {
      return await this.#sendBefore(end, producer, slots);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    const link = this.#link;
    this.#link = undefined;
    link?.then(
      ({ cut }) => cut(),
      // It never opened: whoever waited for it has been told.
      () => undefined,
    );
  }

  /** Tries until the deadline, anew each time. */
  async #open(end: number): Promise<Link> {
    const backoff = new Backoff(50, LONGEST_RETRY_MS);
    for (;;) {
      this.#checkOpen();
      this.#link ??= this.#connect();
      try {
        return await this.#link;
      } catch (error) {
        this.#link = undefined;
        const told = eventLogErrorOf(error, 'connecting the producer');
        const pauseMs = backoff.next();
        if (told.code !== 'unavailable' || performance.now() + pauseMs > end) throw told;
        await pauseFor(pauseMs, this.#signal);
      }
    }
  }

  async #connect(): Promise<Link> {
    const retry = {
      initialRetryTime: 100,
      maxRetryTime: LONGEST_RETRY_MS,
      // Never the first to give up: `send` ends at its deadline.
      retries: Math.ceil(this.#settings.deliveryTimeoutMs / 100) + 10,
    };
    const { kafka, cut } = createClient({ settings: this.#settings, retry });
    const producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry,
    });
    try {
      await this.#race(
        performance.now() + this.#settings.connectionTimeoutMs * 2,
        producer.connect(),
      );
    } catch (error) {
      cut();
      throw error;
    }
    return { producer, cut };
  }

  async #sendBefore(end: number, producer: Producer, slots: readonly Slot[]): Promise<bigint[]> {
    const nowMs = Date.now();
    const byTopic = new Map<string, Message[]>();
    for (const { topic, partition, record } of slots) {
      const messages = byTopic.get(topic) ?? [];
      messages.push(toMessage(record, partition, nowMs));
      byTopic.set(topic, messages);
    }
    const answers = await this.#race(
      end,
      producer.sendBatch({
        acks: -1,
        timeout: ACKS_TIMEOUT_MS,
        compression:
          this.#settings.compression === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None,
        topicMessages: [...byTopic].map(([topic, messages]) => ({ topic, messages })),
      }),
    );
    const next = new Map<string, bigint>();
    for (const { topicName, partition, baseOffset } of answers) {
      next.set(`${topicName}/${partition}`, BigInt(baseOffset ?? -1));
    }
    return slots.map(({ topic, partition }) => {
      const name = `${topic}/${partition}`;
      const offset = next.get(name);
      if (offset === undefined || offset < 0n) {
        throw new EventLogError('unavailable', `append: the broker did not answer for ${name}`);
      }
      next.set(name, offset + 1n);
      return offset;
    });
  }

  /** The work's end, or `unavailable` at the deadline, or `closed`. */
  #race<Result>(end: number, work: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const late = (): void => {
        const message = 'append: no broker has taken it before the deadline';
        settle(() => reject(new EventLogError('unavailable', message)));
      };
      const closed = (): void => settle(() => reject(closedError()));
      const settle = (end: () => void): void => {
        clearTimeout(timer);
        this.#signal.removeEventListener('abort', closed);
        end();
      };
      const timer = setTimeout(late, Math.max(0, end - performance.now()));
      this.#signal.addEventListener('abort', closed);
      work.then(
        (result) => settle(() => resolve(result)),
        (error: unknown) => settle(() => reject(error)),
      );
    });
  }

  #checkOpen(): void {
    if (this.#signal.aborted) throw closedError();
  }
}

function closedError(): EventLogError {
  return new EventLogError('closed', 'the event log is closed');
}
