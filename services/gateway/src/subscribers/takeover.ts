import { randomUUID } from 'node:crypto';
import type { Clock, Logger } from '@glitchwatch/service-kit';
import type { Subscription } from '@glitchwatch/state-store';
import { z } from 'zod';
import { GatewayError } from '../errors.js';
import type { GatewayMetrics } from '../metrics.js';
import type { StateGuard } from '../shared/state-guard.js';

const CHANNEL = 'gateway.subscribers';

const messageSchema = z.object({
  kind: z.enum(['new', 'still']),
  key: z.string(),
  id: z.string(),
  sinceMs: z.number(),
});
type Message = z.infer<typeof messageSchema>;

interface Holder {
  readonly key: string;
  readonly id: string;
  readonly sinceMs: number;
  readonly end: (error: GatewayError) => void;
  /** Its own "new" has come back: it stands before every later one in the channel's order. */
  isHeard: boolean;
  /** Others may have heard of it. */
  isAnnounced: boolean;
}

export interface TakeoverParts {
  readonly guard: StateGuard;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<GatewayMetrics, 'takeovers'>;
  /** How often a stream says that it is still there, which mends what the fan-out has lost. */
  readonly repeatMs: number;
}

/**
 * One stream per name over all replicas: the newest. All replicas hear "new" in the
 * one order of the channel, so of two that connect at the same moment exactly one
 * stays. A message that was lost is made up for by "still", where the later start
 * counts. Without the state store it holds within this gateway.
 */
export class Takeover {
  private readonly holders = new Map<string, Holder>();
  private subscription: Subscription | undefined;
  private isSubscribing = false;
  private stillAtMs = 0;

  constructor(private readonly parts: TakeoverParts) {}

  get size(): number {
    return this.holders.size;
  }

  /** Ends the older stream of this name, wherever it is. Returns the way out. */
  enter(key: string, end: (error: GatewayError) => void): () => void {
    const older = this.holders.get(key);
    if (older !== undefined) this.supersede(older);
    const sinceMs = this.parts.clock.nowMs();
    const holder: Holder = {
      key,
      id: randomUUID(),
      sinceMs,
      end,
      isHeard: false,
      isAnnounced: false,
    };
    this.holders.set(key, holder);
    // Not waited for: a stream begins whether or not others hear of it.
    void this.publish('new', holder);
    return () => {
      if (this.holders.get(key) === holder) this.holders.delete(key);
    };
  }

  async tick(): Promise<void> {
    if (!this.parts.guard.isShared) return;
    await this.subscribe();
    const nowMs = performance.now();
    const isTime = nowMs - this.stillAtMs >= this.parts.repeatMs;
    if (isTime) this.stillAtMs = nowMs;
    const due = [...this.holders.values()].filter(({ isAnnounced }) => isTime || !isAnnounced);
    await Promise.all(due.map((holder) => this.publish('still', holder)));
  }

  /** Resolves when replicas are heard, or the state store is away; then `tick` tries again. */
  async subscribe(): Promise<void> {
    const { guard } = this.parts;
    if (this.subscription !== undefined || this.isSubscribing) return;
    this.isSubscribing = true;
    const answer = await guard.ask('subscribe', async ({ fanOut }) => {
      const subscription = await fanOut.subscribe(CHANNEL, (payload) => this.hear(payload));
      this.subscription = subscription;
    });
    this.isSubscribing = false;
    // What came in while nobody listened is made up for at once.
    if (answer.kind === 'answered') this.stillAtMs = Number.NEGATIVE_INFINITY;
  }

  async stop(): Promise<void> {
    const { subscription } = this;
    if (subscription === undefined) return;
    await this.parts.guard.ask('subscribe', () => subscription.close());
  }

  private async publish(kind: Message['kind'], holder: Holder): Promise<void> {
    const { key, id, sinceMs } = holder;
    const payload = new TextEncoder().encode(JSON.stringify({ kind, key, id, sinceMs }));
    const answer = await this.parts.guard.ask('publish', ({ fanOut }) =>
      fanOut.publish(CHANNEL, payload),
    );
    holder.isAnnounced ||= answer.kind === 'answered';
  }

  private hear(payload: Uint8Array): void {
    const message = decode(payload);
    if (message === undefined) {
      this.parts.logger.warn(
        { bytes: payload.length },
        'a message between replicas does not decode',
      );
      return;
    }
    const holder = this.holders.get(message.key);
    if (holder === undefined) return;
    if (holder.id === message.id) holder.isHeard = true;
    else if (message.kind === 'new' ? holder.isHeard : startedBefore(holder, message))
      this.supersede(holder);
  }

  private supersede(holder: Holder): void {
    this.holders.delete(holder.key);
    this.parts.metrics.takeovers.inc();
    const name = holder.key.slice(holder.key.indexOf('/') + 1);
    holder.end(
      new GatewayError(
        'superseded',
        `subscriber "${name}" has connected again and goes on there; use another name for a second stream`,
      ),
    );
  }
}

function startedBefore(a: Holder, b: Message): boolean {
  return a.sinceMs < b.sinceMs || (a.sinceMs === b.sinceMs && a.id < b.id);
}

function decode(payload: Uint8Array): Message | undefined {
  try {
    const parsed = messageSchema.safeParse(JSON.parse(new TextDecoder().decode(payload)));
    return parsed.success ? parsed.data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
