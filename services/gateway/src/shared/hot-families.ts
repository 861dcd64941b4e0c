import { Family } from '@glitchwatch/proto';
import type { Clock, Logger } from '@glitchwatch/service-kit';
import { z } from 'zod';
import type { LiveFamily } from '../read-model/family-board.js';
import type { ReadModel } from '../read-model/read-model.js';
import type { StateGuard } from './state-guard.js';

const NAMESPACE = 'gateway.families';
const KEY = 'current';
/** Written again this often though nothing changed: an emptied store fills again. */
const REFRESH_MS = 60_000;
const MAX_BYTES = 2 ** 20;

/** The family list, with where it comes from. */
export interface FamiliesNow {
  readonly modelVersion: number;
  readonly nUnassigned: number;
  readonly nGlitches: number;
  readonly families: readonly LiveFamily[];
  /** This gateway has not read the log to its end. */
  readonly isStale: boolean;
  /** When another gateway stored it; undefined where it is this one's own. */
  readonly asOfMs: number | undefined;
}

const storedSchema = z.object({
  asOfMs: z.number(),
  modelVersion: z.int(),
  nUnassigned: z.number(),
  nGlitches: z.number(),
  families: z.array(
    z.object({
      /** The message, in base64. */
      family: z.string(),
      count: z.number(),
      byIfo: z.record(z.string(), z.number()),
      lastHour: z.number(),
      lastSeenMs: z.number(),
    }),
  ),
});
type Stored = z.infer<typeof storedSchema>;

export interface HotFamiliesParts {
  readonly guard: StateGuard;
  readonly model: ReadModel;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly isCaughtUp: () => boolean;
  readonly intervalMs: number;
}

/**
 * A gateway that knows the whole log stores its family list from time to time; one
 * that is still reading the log answers with it, marked, instead of with less.
 */
export class HotFamilies {
  private others: FamiliesNow | undefined;
  private written = '';
  private writtenAtMs = Number.NEGATIVE_INFINITY;
  private isBusy = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: HotFamiliesParts) {}

  now(): FamiliesNow {
    const { model, isCaughtUp } = this.parts;
    if (isCaughtUp()) {
      this.others = undefined;
      return this.own();
    }
    const { others } = this;
    const ownVersion = model.families.model?.modelVersion ?? 0;
    // A refit that this gateway knows of and the store does not: its own is better then.
    return others !== undefined && others.modelVersion >= ownVersion ? others : this.own();
  }

  start(): void {
    void this.tick();
    this.timer = setInterval(() => void this.tick(), this.parts.intervalMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async tick(): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      if (this.parts.isCaughtUp()) await this.write();
      else await this.read();
    } catch (error) {
      // Our own fault, and no reason to end: the list is made from the log all the same.
      this.parts.logger.error({ err: error }, 'sharing the family list failed');
    } finally {
      this.isBusy = false;
    }
  }

  private own(): FamiliesNow {
    const { model, clock, isCaughtUp } = this.parts;
    return {
      modelVersion: model.families.model?.modelVersion ?? 0,
      nUnassigned: model.families.nUnassigned,
      nGlitches: model.glitches.size,
      families: model.families.list(clock.nowMs()),
      isStale: !isCaughtUp(),
      asOfMs: undefined,
    };
  }

  private async write(): Promise<void> {
    const { guard, clock, logger } = this.parts;
    const list = encode(this.own());
    const isFresh = performance.now() - this.writtenAtMs < REFRESH_MS;
    const text = JSON.stringify(list);
    if (text === this.written && isFresh) return;
    const bytes = new TextEncoder().encode(JSON.stringify({ ...list, asOfMs: clock.nowMs() }));
    if (bytes.length > MAX_BYTES) {
      logger.debug({ bytes: bytes.length }, 'the family list is too large to be shared');
      return;
    }
    const answer = await guard.ask('store-families', ({ values }) =>
      values.set(NAMESPACE, KEY, bytes),
    );
    if (answer.kind === 'away') return;
    this.written = text;
    this.writtenAtMs = performance.now();
  }

  private async read(): Promise<void> {
    const answer = await this.parts.guard.ask('read-families', ({ values }) =>
      values.get(NAMESPACE, KEY),
    );
    if (answer.kind === 'answered' && answer.value !== undefined)
      this.others = decode(answer.value) ?? this.others;
  }
}

function encode(now: FamiliesNow): Omit<Stored, 'asOfMs'> {
  return {
    modelVersion: now.modelVersion,
    nUnassigned: now.nUnassigned,
    nGlitches: now.nGlitches,
    families: now.families.map((live) => ({
      family: Buffer.from(Family.encode(live.family).finish()).toString('base64'),
      count: live.count,
      byIfo: Object.fromEntries(live.membersByIfo),
      lastHour: live.lastHour,
      lastSeenMs: live.lastSeenMs,
    })),
  };
}

/** Undefined for what another version has written. */
function decode(bytes: Uint8Array): FamiliesNow | undefined {
  try {
    const parsed = storedSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
    if (!parsed.success) return undefined;
    const { families, ...rest } = parsed.data;
    return {
      ...rest,
      isStale: true,
      families: families.map(({ family, byIfo, ...live }) => ({
        ...live,
        family: Family.decode(Buffer.from(family, 'base64')),
        membersByIfo: new Map(Object.entries(byIfo)),
      })),
    };
  } catch {
    // Text that is no JSON, or bytes that are no Family: there is nothing to answer with.
    return undefined;
  }
}
