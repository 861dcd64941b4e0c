import { predictedTail } from '@glitchwatch/numerics';

export interface TalliedGlitch {
  readonly glitchId: string;
  readonly familyId: number;
  /** When it was ingested: a backlog is tallied as it came, not as it is read. */
  readonly atMs: number;
}

/** How a family comes now, beside how it came before. */
export interface RateExcess {
  readonly windowMs: number;
  readonly count: number;
  readonly expectedPerHour: number;
  /** Of as many or more in the window, by the family's own history. */
  readonly pValue: number;
  /** The latest of the window, the newest last. */
  readonly glitchIds: readonly string[];
}

interface FamilyTally {
  firstMs: number;
  /** Of all that were ever counted here, fading. */
  events: number;
  /** Moments within the longest window, in order of arrival. */
  readonly recent: Recent[];
}

interface Recent {
  readonly glitchId: string;
  readonly atMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
export const burstWindowsMs = [MINUTE_MS, 10 * MINUTE_MS, HOUR_MS] as const;
/** A family without that much history has no rate of its own yet. */
const LEAST_HISTORY_MS = HOUR_MS;
/** And the history is at least so many windows long. */
const LEAST_WINDOWS = 6;
/** The longest history; beyond it the past fades. */
const HISTORY_MS = 3 * DAY_MS;
const LEAST_COUNT = 5;
const MAX_RECENT = 4_096;
/** Of a burst's window. */
const MAX_NAMED = 200;
/** A glitch may come again, under the next model or after a batch that failed. */
const MAX_IDS = 16_384;
/** Forgotten so many at once: a set skips what was deleted before its first entry, each time anew. */
const FORGOTTEN_IDS = 4_096;

/**
 * How many live glitches came, and which family how often, by their own times. Counting
 * a glitch twice changes nothing, so a batch that comes again needs no undoing.
 */
export class LiveTally {
  readonly #ids = new Set<string>();
  readonly #families = new Map<number, FamilyTally>();
  readonly #hours = new Map<number, number>();
  #count = 0;
  #firstMs = Number.POSITIVE_INFINITY;
  #nowMs = Number.NEGATIVE_INFINITY;

  /** Glitches counted so far. */
  get count(): number {
    return this.#count;
  }

  /** The latest moment that a glitch has told. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Over the last day, or over as much of it as there is, an hour at least. */
  get perDay(): number {
    const spanMs = Math.min(DAY_MS, Math.max(HOUR_MS, this.#nowMs - this.#firstMs));
    let count = 0;
    for (const n of this.#hours.values()) count += n;
    return (count * DAY_MS) / spanMs;
  }

  /** @returns false where the glitch was counted before. */
  take({ glitchId, familyId, atMs }: TalliedGlitch): boolean {
    if (this.#ids.has(glitchId)) return false;
    this.#ids.add(glitchId);
    if (this.#ids.size > MAX_IDS + FORGOTTEN_IDS) this.#forgetOldestIds();
    this.#count++;
    this.recall(atMs);
    if (familyId >= 0) this.#takeFamily(familyId, { glitchId, atMs });
    return true;
  }

  /** A glitch of which nothing but its time is of interest: it came before the watch. */
  recall(atMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, atMs);
    this.#firstMs = Math.min(this.#firstMs, atMs);
    this.#takeHour(Math.floor(atMs / HOUR_MS));
  }

  /** A family that is not what it was begins anew. */
  forget(familyId: number): void {
    this.#families.delete(familyId);
  }

  /** The window in which the family stands out most; undefined without a history or an excess. */
  excessOf(familyId: number): RateExcess | undefined {
    const family = this.#families.get(familyId);
    if (family === undefined) return undefined;
    let most: RateExcess | undefined;
    for (const windowMs of burstWindowsMs) {
      const historyMs = this.#nowMs - windowMs - family.firstMs;
      if (historyMs < Math.max(LEAST_HISTORY_MS, LEAST_WINDOWS * windowMs)) continue;
      const within = family.recent.filter(({ atMs }) => atMs > this.#nowMs - windowMs);
      const count = within.length;
      const events = Math.max(0, family.events - count);
      if (count < LEAST_COUNT || count / windowMs <= events / historyMs) continue;
      const pValue = predictedTail(count, { events, time: historyMs }, windowMs);
      const scaled = pValue / windowMs;
      if (most !== undefined && most.pValue / most.windowMs <= scaled) continue;
      const glitchIds = within.slice(-MAX_NAMED).map(({ glitchId }) => glitchId);
      const expectedPerHour = (events * HOUR_MS) / historyMs;
      most = { windowMs, count, expectedPerHour, pValue, glitchIds };
    }
    return most;
  }

  get families(): number {
    return this.#families.size;
  }

  #forgetOldestIds(): void {
    let left = FORGOTTEN_IDS;
    for (const glitchId of this.#ids) {
      if (left-- <= 0) break;
      this.#ids.delete(glitchId);
    }
  }

  #takeHour(hour: number): void {
    this.#hours.set(hour, (this.#hours.get(hour) ?? 0) + 1);
    const oldest = Math.floor(this.#nowMs / HOUR_MS) - 24;
    for (const known of this.#hours.keys()) if (known <= oldest) this.#hours.delete(known);
  }

  #takeFamily(familyId: number, glitch: Recent): void {
    let family = this.#families.get(familyId);
    if (family === undefined) {
      family = { firstMs: glitch.atMs, events: 0, recent: [] };
      this.#families.set(familyId, family);
    }
    family.events++;
    family.recent.push(glitch);
    const oldest = this.#nowMs - HOUR_MS;
    while (family.recent.length > MAX_RECENT || (family.recent[0]?.atMs ?? oldest) < oldest)
      family.recent.shift();
    const historyMs = this.#nowMs - family.firstMs;
    if (historyMs <= HISTORY_MS) return;
    family.events *= HISTORY_MS / historyMs;
    family.firstMs = this.#nowMs - HISTORY_MS;
  }
}
