import type { Database } from 'lmdb';
import { StateStoreError } from '../errors.js';
import type { FanOut, Subscription } from '../port.js';
import type { Environment } from './environment.js';

/** Messages and bytes kept for processes that have not looked yet; the oldest go first. */
const KEPT_MESSAGES = 8192;
const KEPT_BYTES = 64 * 2 ** 20;
const MAX_PAYLOAD_BYTES = 4 * 2 ** 20;

interface Head {
  readonly next: number;
  readonly oldest: number;
  readonly bytes: number;
}

interface Subscriber {
  readonly channel: string;
  readonly listener: (payload: Uint8Array) => void;
  /** Messages from here on were published after it subscribed. */
  readonly from: number;
}

/**
 * A ring of messages that every process reads by itself: at once after an own
 * publish, else at the next poll. All see one order. A process that falls further
 * behind than the ring reaches misses the oldest. Nobody polls without subscribers.
 */
export class EmbeddedFanOut implements FanOut {
  readonly #environment: Environment;
  readonly #head: Database<unknown, string>;
  /** Key: sequence (lmdb reads an array of one back as its element); value: channel length u16, channel UTF-8, payload. */
  readonly #ring: Database<Buffer, number>;
  readonly #pollIntervalMs: number;
  readonly #subscribers = new Set<Subscriber>();
  #next = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(environment: Environment, pollIntervalMs: number) {
    this.#environment = environment;
    this.#head = environment.json<string>('head');
    this.#ring = environment.binary<number>('ring');
    this.#pollIntervalMs = pollIntervalMs;
  }

  async publish(channel: string, payload: Uint8Array): Promise<void> {
    if (payload.byteLength > MAX_PAYLOAD_BYTES) {
      throw new StateStoreError(
        'bad_request',
        `channel ${channel}: expected a payload of at most ${MAX_PAYLOAD_BYTES} bytes, found ${payload.byteLength}`,
      );
    }
    const message = encode(channel, payload);
    this.#environment.write(() => this.#put(message));
    this.#deliver();
  }

  async subscribe(channel: string, listener: (payload: Uint8Array) => void): Promise<Subscription> {
    const head = this.#environment.read(() => this.#readHead());
    const subscriber: Subscriber = { channel, listener, from: head.next };
    if (this.#subscribers.size === 0) this.#next = head.next;
    this.#subscribers.add(subscriber);
    this.#timer ??= setInterval(() => this.#deliver(), this.#pollIntervalMs);
    this.#timer.unref();
    return {
      close: async () => {
        this.#subscribers.delete(subscriber);
        if (this.#subscribers.size === 0) await this.close();
      },
    };
  }

  async close(): Promise<void> {
    this.#subscribers.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #put(message: Buffer): void {
    let { next, oldest, bytes } = this.#readHead();
    this.#ring.putSync(next, message);
    next += 1;
    bytes += message.length;
    while (next - oldest > KEPT_MESSAGES || bytes > KEPT_BYTES) {
      bytes -= this.#ring.get(oldest)?.length ?? 0;
      this.#ring.removeSync(oldest);
      oldest += 1;
    }
    this.#head.putSync('head', { next, oldest, bytes });
  }

  #deliver(): void {
    if (this.#subscribers.size === 0) return;
    const messages = this.#environment.read(() => {
      const { next } = this.#readHead();
      if (next <= this.#next) return [];
      return [...this.#ring.getRange({ start: this.#next, end: next })].map(({ key, value }) => ({
        sequence: Number(key),
        ...decode(value),
      }));
    });
    for (const { sequence, channel, payload } of messages) {
      this.#next = sequence + 1;
      for (const subscriber of this.#subscribers) {
        if (subscriber.channel !== channel || sequence < subscriber.from) continue;
        tell(subscriber, payload);
      }
    }
  }

  #readHead(): Head {
    return (this.#head.get('head') as Head | undefined) ?? { next: 1, oldest: 1, bytes: 0 };
  }
}

/** A listener that throws harms neither the publisher nor the other listeners. */
function tell({ listener }: Subscriber, payload: Uint8Array): void {
  try {
    listener(payload);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

function encode(channel: string, payload: Uint8Array): Buffer {
  const name = Buffer.from(channel, 'utf8');
  const message = Buffer.alloc(2 + name.length + payload.byteLength);
  message.writeUInt16BE(name.length, 0);
  message.set(name, 2);
  message.set(payload, 2 + name.length);
  return message;
}

function decode(message: Buffer): { channel: string; payload: Uint8Array } {
  const end = 2 + message.readUInt16BE(0);
  return {
    channel: message.toString('utf8', 2, end),
    payload: new Uint8Array(message.subarray(end)),
  };
}
