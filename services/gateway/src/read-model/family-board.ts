import {
  type Assignment,
  type Family,
  type FamilyEvent,
  FamilyEventKind,
  type ModelActivated,
} from '@glitchwatch/proto';
import { timeOf } from './glitch-table.js';
import { RateWindow } from './rate-window.js';

const MINUTE_MS = 60_000;
export const RATE_OVER_MS = 60 * MINUTE_MS;
export const UNASSIGNED = -1;

const MAX_EVENTS = 10_000;

/** A family of the active model with what has come in since. */
export interface LiveFamily {
  /** With the name that a person gave, where there is one. */
  readonly family: Family;
  /** Glitches whose current assignment is this family. */
  readonly count: number;
  /** Of detectors with at least one. */
  readonly membersByIfo: ReadonlyMap<string, number>;
  /** Those of them that happened within the last hour. */
  readonly lastHour: number;
  readonly lastSeenMs: number;
}

class Tally {
  count = 0;
  lastSeenMs = 0;
  readonly byIfo = new Map<string, number>();
  readonly times = new RateWindow(MINUTE_MS, 60);

  change(ifo: string, by: 1 | -1): void {
    this.count += by;
    const members = (this.byIfo.get(ifo) ?? 0) + by;
    if (members > 0) this.byIfo.set(ifo, members);
    else this.byIfo.delete(ifo);
  }
}

/** The active model's families and a live count of current assignments per family. */
export class FamilyBoard {
  private readonly tallies = new Map<number, Tally>();
  private readonly givenNames = new Map<number, string>();
  private readonly changes: FamilyEvent[] = [];
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

  /** False where it changes nothing that is shown. */
  applyEvent(event: FamilyEvent): boolean {
    this.changes.push(event);
    if (this.changes.length > MAX_EVENTS) this.changes.shift();
    if (event.kind !== FamilyEventKind.FAMILY_EVENT_KIND_RENAMED) return false;
    if (event.name === '') this.givenNames.delete(event.familyId);
    else this.givenNames.set(event.familyId, event.name);
    return true;
  }

  /** What became of the families, or of one, oldest first. */
  events(familyId?: number): readonly FamilyEvent[] {
    if (familyId === undefined) return this.changes;
    return this.changes.filter(
      (event) => event.familyId === familyId || event.otherFamilyId === familyId,
    );
  }

  enter(assignment: Assignment): void {
    const tally = this.tallyOf(assignment.familyId);
    tally.change(assignment.trigger?.ifo ?? '', 1);
    const occurredMs = timeOf(assignment);
    tally.lastSeenMs = Math.max(tally.lastSeenMs, occurredMs);
    tally.times.add(occurredMs);
  }

  /** A refit has moved the glitch: its time goes with it. */
  leave(familyId: number, ifo: string, occurredMs: number): void {
    const tally = this.tallies.get(familyId);
    tally?.change(ifo, -1);
    tally?.times.remove(occurredMs);
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
          family: this.named(family),
          count: tally?.count ?? 0,
          membersByIfo: tally?.byIfo ?? new Map<string, number>(),
          lastHour: tally?.times.count(nowMs, RATE_OVER_MS) ?? 0,
          lastSeenMs: Math.max(tally?.lastSeenMs ?? 0, Number(family.lastSeenMs)),
        };
      })
      .sort((a, b) => b.count - a.count || a.family.familyId - b.family.familyId);
  }

  /** What it is called as long as nobody has named it. */
  defaultName(familyId: number): string {
    const family = this.active?.families.find((one) => one.familyId === familyId);
    return family?.name || `Family ${familyId}`;
  }

  private named(family: Family): Family {
    const given = this.givenNames.get(family.familyId);
    return { ...family, name: given ?? (family.name || `Family ${family.familyId}`) };
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
