import type { Assignment, Family, ModelActivated } from '@glitchwatch/proto';
import { arrivalMs } from './glitch-table.js';
import { RateWindow } from './rate-window.js';

const MINUTE_MS = 60_000;
export const RATE_OVER_MS = 60 * MINUTE_MS;
export const UNASSIGNED = -1;

/** A family of the active model with what has come in since. */
export interface LiveFamily {
  readonly family: Family;
  /** Glitches whose current assignment is this family. */
  readonly count: number;
  readonly membersByIfo: ReadonlyMap<string, number>;
  /** Those of them that came in within the last hour. */
  readonly lastHour: number;
  readonly lastSeenMs: number;
}

class Tally {
  count = 0;
  lastSeenMs = 0;
  readonly byIfo = new Map<string, number>();
  readonly arrivals = new RateWindow(MINUTE_MS, 60);

  change(ifo: string, by: 1 | -1): void {
    this.count += by;
    this.byIfo.set(ifo, (this.byIfo.get(ifo) ?? 0) + by);
  }
}

/** The active model's families and a live count of current assignments per family. */
export class FamilyBoard {
  private readonly tallies = new Map<number, Tally>();
  private active: ModelActivated | undefined;

  get model(): ModelActivated | undefined {
    return this.active;
  }

  get nFamilies(): number {
    return this.active?.families.length ?? 0;
  }

  get nUnassigned(): number {
    return this.tallies.get(UNASSIGNED)?.count ?? 0;
  }

  /**
   * False for one that is not newer, because activations may be delivered twice, and for
   * one with a smaller fencing token, whose leader had been deposed: it is void.
   */
  activate(model: ModelActivated): boolean {
    const { active } = this;
    if (active !== undefined && !isNewer(model, active)) return false;
    this.active = model;
    return true;
  }

  enter(assignment: Assignment): void {
    const tally = this.tallyOf(assignment.familyId);
    tally.change(assignment.trigger?.ifo ?? '', 1);
    const arrivedMs = arrivalMs(assignment);
    tally.lastSeenMs = Math.max(tally.lastSeenMs, arrivedMs);
    tally.arrivals.add(arrivedMs);
  }

  /** A refit has moved the glitch: its arrival goes with it. */
  leave(familyId: number, ifo: string, arrivedMs: number): void {
    const tally = this.tallies.get(familyId);
    tally?.change(ifo, -1);
    tally?.arrivals.remove(arrivedMs);
  }

  countOf(familyId: number): number {
    return this.tallies.get(familyId)?.count ?? 0;
  }

  /** Families of the active model, largest first. */
  list(nowMs: number): LiveFamily[] {
    const families = this.active?.families ?? [];
    return families
      .map((family) => {
        const tally = this.tallies.get(family.familyId);
        return {
          family,
          count: tally?.count ?? 0,
          membersByIfo: tally?.byIfo ?? new Map<string, number>(),
          lastHour: tally?.arrivals.count(nowMs, RATE_OVER_MS) ?? 0,
          lastSeenMs: Math.max(tally?.lastSeenMs ?? 0, Number(family.lastSeenMs)),
        };
      })
      .sort((a, b) => b.count - a.count || a.family.familyId - b.family.familyId);
  }

  private tallyOf(familyId: number): Tally {
    const known = this.tallies.get(familyId);
    if (known !== undefined) return known;
    const tally = new Tally();
    this.tallies.set(familyId, tally);
    return tally;
  }
}

function isNewer(model: ModelActivated, active: ModelActivated): boolean {
  if (model.fencingToken < active.fencingToken) return false;
  if (model.modelVersion > active.modelVersion) return true;
  return model.modelVersion === active.modelVersion && model.fencingToken > active.fencingToken;
}
