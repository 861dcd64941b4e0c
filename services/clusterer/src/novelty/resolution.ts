import { type Alert, AlertState } from '@glitchwatch/proto';
import { Stretch } from '../stretch.js';
import { type AlertSurroundings, alertMessage, type OpenAlert } from './alert-message.js';
import { type NoveltyState, type NoveltyStep, revise } from './alert-tracker.js';
import { type FamilyDistances, hangTogether, type NovelGlitch, voicesOf } from './novel-glitch.js';

export interface PlaceUnderModel {
  readonly familyId: number;
  readonly mapX: number;
  readonly mapY: number;
}

/** What a new model says about the members of alerts. */
export interface ModelVerdict {
  place(glitch: NovelGlitch): PlaceUnderModel;
  /** Members of families named in `watched` do not count. */
  toFamilies(glitch: NovelGlitch, watched: ReadonlySet<string>): FamilyDistances;
  family(familyId: number): { readonly isNew: boolean; readonly size: number };
}

interface PlacedMember {
  readonly member: NovelGlitch;
  readonly familyId: number;
}

interface PlacedAlert {
  readonly alert: OpenAlert;
  readonly members: readonly PlacedMember[];
}

/**
 * A new model is active. An alert is resolved by the family that most of its members
 * are in, where that family is new and mostly theirs, or where they no longer stand
 * apart from its other members. A family that merely swallowed them, because they
 * are too few for one of their own, resolves nothing: the alert stays open at its
 * new place on the map, and members not yet reported are. Candidates begin anew,
 * because distances do.
 *
 * Members of a resolved alert are known from then on, which can resolve another: so
 * it goes on until nothing changes, and doing it twice changes nothing. Live work has
 * its turns meanwhile; only one change of the state may be under way.
 */
export async function resolveUnderModel(
  state: NoveltyState,
  model: ModelVerdict,
  surroundings: AlertSurroundings,
): Promise<NoveltyStep> {
  const alerts: Alert[] = [];
  const resolved = new Map(state.resolved);
  const stretch = new Stretch();
  let open: PlacedAlert[] = [];
  for (const alert of state.alerts.values()) open.push(await placed(alert, model, stretch));
  for (let before = -1; before !== open.length; ) {
    before = open.length;
    const watched = idsOf(open.map(({ alert }) => alert));
    const all: PlacedAlert[] = [];
    for (const one of open) all.push(await measured(one, { model, watched, stretch }));
    open = all.filter((one) => {
      const familyId = resolvingFamily(one, model);
      if (familyId === undefined) return true;
      const revision = one.alert.revision + 1;
      const last = { ...one.alert, revision, state: AlertState.ALERT_STATE_RESOLVED };
      alerts.push(alertMessage(last, surroundings, familyId));
      resolved.set(last.alertId, revision);
      return false;
    });
  }
  let next: NoveltyState = {
    ...state,
    candidates: [],
    alerts: new Map(open.map(({ alert }) => [alert.alertId, alert])),
    watched: idsOf(open.map(({ alert }) => alert)),
    resolved,
  };
  for (const { alert } of open) {
    if (alert.members.length === alert.reportedCount) continue;
    const step = revise(next, alert, surroundings);
    next = step.state;
    alerts.push(...step.alerts);
  }
  return { state: next, alerts };
}

/** Glitches in these alerts. */
export function idsOf(alerts: readonly OpenAlert[]): ReadonlySet<string> {
  return new Set(alerts.flatMap(({ members }) => members.map(({ glitchId }) => glitchId)));
}

async function placed(
  alert: OpenAlert,
  model: ModelVerdict,
  stretch: Stretch,
): Promise<PlacedAlert> {
  const members: PlacedMember[] = [];
  for (const member of alert.members) {
    const { familyId, mapX, mapY } = model.place(member);
    members.push({ member: { ...member, mapX, mapY }, familyId });
    await stretch.pause();
  }
  return { alert, members };
}

/** Of those that speak for all: the others are compared with nobody. */
async function measured(
  { alert, members }: PlacedAlert,
  by: {
    readonly model: ModelVerdict;
    readonly watched: ReadonlySet<string>;
    readonly stretch: Stretch;
  },
): Promise<PlacedAlert> {
  const voices = voicesOf(members);
  const now = members.slice(0, members.length - voices.length);
  for (const { member, familyId } of voices) {
    const toFamilies = by.model.toFamilies(member, by.watched);
    now.push({ member: { ...member, toFamilies }, familyId });
    await by.stretch.pause();
  }
  return { alert: { ...alert, members: now.map(({ member }) => member) }, members: now };
}

function resolvingFamily({ members }: PlacedAlert, model: ModelVerdict): number | undefined {
  const familyId = majorityFamily(members);
  if (familyId === undefined) return undefined;
  const isInside = (one: PlacedMember): boolean => one.familyId === familyId;
  const { isNew, size } = model.family(familyId);
  if (isNew && 2 * members.filter(isInside).length > size) return familyId;
  const judged = voicesOf(members)
    .filter(isInside)
    .map(({ member }) => member);
  const apart = judged.filter((a) => judged.some((b) => b !== a && hangTogether(a, b, 'group')));
  return 2 * apart.length > judged.length ? undefined : familyId;
}

function majorityFamily(members: readonly PlacedMember[]): number | undefined {
  const counts = new Map<number, number>();
  for (const { familyId } of members) counts.set(familyId, (counts.get(familyId) ?? 0) + 1);
  for (const [familyId, n] of counts) if (familyId >= 0 && 2 * n > members.length) return familyId;
  return undefined;
}
