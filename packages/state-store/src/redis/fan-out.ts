import { StateStoreError } from '../errors.js';
import type { FanOut, Subscription } from '../port.js';
import type { RedisConnection } from './connection.js';

const MAX_PAYLOAD_BYTES = 4 * 2 ** 20;

type Listener = (payload: Uint8Array) => void;

interface Channel {
  readonly listeners: Set<{ readonly listener: Listener }>;
  readonly onMessage: (payload: Buffer) => void;
}

/**
 * Pub/sub, on a connection of its own for hearing. Nothing is queued here: a
 * listener is called as a message comes, so memory is bounded by the server's
 * output buffer for us; a process that hears too slowly is cut off there, connects
 * again by itself, and misses what came meanwhile.
 */
export class RedisFanOut implements FanOut {
  readonly #publishing: RedisConnection;
  readonly #hearing: RedisConnection;
  readonly #keyPrefix: string;
  readonly #channels = new Map<string, Channel>();
  /** Subscribing and unsubscribing, one after the other. */
  #changes: Promise<void> = Promise.resolve();

  constructor(publishing: RedisConnection, hearing: RedisConnection, keyPrefix: string) {
    this.#publishing = publishing;
    this.#hearing = hearing;
    this.#keyPrefix = keyPrefix;
  }

  async publish(channel: string, payload: Uint8Array): Promise<void> {
    if (payload.byteLength > MAX_PAYLOAD_BYTES) {
      throw new StateStoreError(
        'bad_request',
        `channel ${channel}: expected a payload of at most ${MAX_PAYLOAD_BYTES} bytes, found ${payload.byteLength}`,
      );
    }
    const copy = Buffer.from(payload);
    await this.#publishing.run((client) => client.publish(this.#nameOf(channel), copy));
  }

  async subscribe(channel: string, listener: Listener): Promise<Subscription> {
    const entry = { listener };
    await this.#change(() => this.#add(channel, entry));
    let closed: Promise<void> | undefined;
    return {
      close: () => {
        closed ??= this.#change(() => this.#remove(channel, entry));
        return closed;
      },
    };
  }

  async #add(name: string, entry: { readonly listener: Listener }): Promise<void> {
    const known = this.#channels.get(name);
    if (known !== undefined) {
      known.listeners.add(entry);
      return;
    }
    const channel = createChannel();
    await this.#hearing.run((client) =>
      client.subscribe(this.#nameOf(name), channel.onMessage, true),
    );
    channel.listeners.add(entry);
    this.#channels.set(name, channel);
  }

  async #remove(name: string, entry: { readonly listener: Listener }): Promise<void> {
    const channel = this.#channels.get(name);
    if (channel === undefined || !channel.listeners.delete(entry)) return;
    if (channel.listeners.size > 0) return;
    this.#channels.delete(name);
    try {
      await this.#hearing.run((client) =>
        client.unsubscribe(this.#nameOf(name), channel.onMessage, true),
      );
    } catch (error) {
      // Without listeners the channel is silent here, whatever the server still sends.
      if (!(error instanceof StateStoreError)) throw error;
    }
  }

  #change(work: () => Promise<void>): Promise<void> {
    const done = this.#changes.then(work);
    this.#changes = done.catch(() => undefined);
    return done;
  }

  #nameOf(channel: string): string {
    return `${this.#keyPrefix}channel:${channel}`;
  }
}

function createChannel(): Channel {
  const listeners: Channel['listeners'] = new Set();
  return {
    listeners,
    onMessage: (payload) => {
      for (const { listener } of [...listeners]) tell(listener, new Uint8Array(payload));
    },
  };
}

/** A listener that throws harms neither the connection nor the other listeners. */
function tell(listener: Listener, payload: Uint8Array): void {
  try {
    listener(payload);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
