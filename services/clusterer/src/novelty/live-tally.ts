import type { RateHistory } from '@glitchwatch/numerics';
import { clumpsPerDay, rarestClumpsPerDay } from './burst-rarity.js';

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
  /** How often a day chance gives this family as many in such a window, by its own history. */
  readonly perDay: number;
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
const burstWindowsMs = [MINUTE_MS, 10 * MINUTE_MS, HOUR_MS] as const;
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
      const fromMs = this.#nowMs - windowMs;
      const count = countAfter(family.recent, fromMs);
      const history = this.#historyOf(family, windowMs, count);
      if (history === undefined || count < LEAST_COUNT) continue;
      if (count / windowMs <= history.events / history.time) continue;
      const perDay = clumpsPerDay(count, history, windowMs);
      if (most !== undefined && most.perDay <= perDay) continue;
      const glitchIds = family.recent.slice(-Math.min(count, MAX_NAMED)).map((one) => one.glitchId);
      const expectedPerHour = (history.events * HOUR_MS) / history.time;
      most = { windowMs, count, expectedPerHour, perDay, glitchIds };
    }
    return most;
  }

  /**
   * How often a day chance gives any family, in any window, an excess that its own history
   * gives `perDay` times or less. Counts are whole, so for many that is much less.
   */
  excessesPerDay(perDay: number): number {
    let sum = 0;
    for (const family of this.#families.values())
      for (const windowMs of burstWindowsMs) {
        const count = countAfter(family.recent, this.#nowMs - windowMs);
        const history = this.#historyOf(family, windowMs, count);
        if (history !== undefined)
          sum += rarestClumpsPerDay(perDay, { history, windowMs, least: LEAST_COUNT });
      }
    return sum;
  }

  /** Before the window; undefined where there is too little. */
  #historyOf(family: FamilyTally, windowMs: number, count: number): RateHistory | undefined {
    const time = this.#nowMs - windowMs - family.firstMs;
    if (time < Math.max(LEAST_HISTORY_MS, LEAST_WINDOWS * windowMs)) return undefined;
    return { events: Math.max(0, family.events - count), time };
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

/** Of moments in order; from the end, because few are asked for. */
function countAfter(recent: readonly Recent[], fromMs: number): number {
  let count = 0;
  while (count < recent.length && recent[recent.length - 1 - count]!.atMs > fromMs) count++;
  return count;
}
