import type { InferenceClient } from './inference-client.js';
import type { Device, UnpackedGlitch } from './inference-protocol.js';
import {
  createInferenceSlot,
  type InferenceSlot,
  type RestartPolicy,
  type SlotAnswer,
  type SlotEvents,
} from './inference-slot.js';

export interface InferencePoolOptions {
  readonly size: number;
  readonly startClient: () => Promise<InferenceClient>;
  readonly policy: RestartPolicy;
  readonly events: SlotEvents;
}

/** Some slots of one worker each. */
export interface InferencePool {
  readonly device: Device;
  readonly fallbackReason: string | undefined;
  /** Workers that live. */
  alive(): number;
  /** Runs a batch on a free slot; waits for one, first come, first served. */
  run(glitches: readonly UnpackedGlitch[]): Promise<readonly SlotAnswer[]>;
  close(): Promise<void>;
}

/** Starts all workers; rejects, with none left running, when one does not start. */
export async function startInferencePool(options: InferencePoolOptions): Promise<InferencePool> {
  let device: Device = 'cpu';
  let fallbackReason: string | undefined;
  const events: SlotEvents = {
    onDeath: options.events.onDeath,
    onStart: (client) => {
      device = client.device;
      fallbackReason = client.fallbackReason;
      options.events.onStart(client);
    },
  };
  const slots = Array.from({ length: options.size }, () =>
    createInferenceSlot(options.startClient, options.policy, events),
  );
  const closeAll = async (): Promise<void> => {
    await Promise.all(slots.map((slot) => slot.close()));
  };
  const starts = await Promise.allSettled(slots.map((slot) => slot.start()));
  const failed = starts.find((start) => start.status === 'rejected');
  if (failed !== undefined) {
    await closeAll();
    throw failed.reason;
  }

  const free: InferenceSlot[] = [...slots];
  // No longer than the batches that the batcher has under way.
  const waiting: ((slot: InferenceSlot) => void)[] = [];
  return {
    get device() {
      return device;
    },
    get fallbackReason() {
      return fallbackReason;
    },
    alive: () => slots.filter((slot) => slot.alive()).length,
    async run(glitches) {
      const slot = free.pop() ?? (await new Promise<InferenceSlot>((turn) => waiting.push(turn)));
      try {
        return await slot.run(glitches);
      } finally {
        // After `close` the next in turn is told by its slot.
        const next = waiting.shift();
        if (next === undefined) free.push(slot);
        else next(slot);
      }
    },
    close: closeAll,
  };
}
