import { type Alert, AlertState } from '@glitchwatch/proto';
import { type AlertSurroundings, alertMessage, type OpenAlert } from './alert-message.js';
import { type NoveltyState, type NoveltyStep, revise } from './alert-tracker.js';
import { type FamilyDistances, hangTogether, type NovelGlitch } from './novel-glitch.js';

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

/** The latest members speak for all: comparing each with each would take long for thousands. */
const MEMBERS_JUDGED = 200;

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
 * it goes on until nothing changes, and doing it twice changes nothing.
 */
export function resolveUnderModel(
  state: NoveltyState,
  model: ModelVerdict,
  surroundings: AlertSurroundings,
): NoveltyStep {
  const alerts: Alert[] = [];
  const resolved = new Map(state.resolved);
  let open = [...state.alerts.values()].map((alert) => placed(alert, model));
  for (let before = -1; before !== open.length; ) {
    before = open.length;
    const watched = idsOf(open.map(({ alert }) => alert));
    open = open.map((one) => measured(one, model, watched));
    open = open.filter((one) => {
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

function placed(alert: OpenAlert, model: ModelVerdict): PlacedAlert {
  const members = alert.members.map((member) => {
    const { familyId, mapX, mapY } = model.place(member);
    return { member: { ...member, mapX, mapY }, familyId };
  });
  return { alert, members };
}

function measured(
  { alert, members }: PlacedAlert,
  model: ModelVerdict,
  watched: ReadonlySet<string>,
): PlacedAlert {
  const now = members.map(({ member, familyId }) => ({
    member: { ...member, toFamilies: model.toFamilies(member, watched) },
    familyId,
  }));
  return { alert: { ...alert, members: now.map(({ member }) => member) }, members: now };
}

function resolvingFamily({ members }: PlacedAlert, model: ModelVerdict): number | undefined {
  const familyId = majorityFamily(members);
  if (familyId === undefined) return undefined;
  const inside = members.filter((one) => one.familyId === familyId).map(({ member }) => member);
  const { isNew, size } = model.family(familyId);
  if (isNew && 2 * inside.length > size) return familyId;
  const judged = inside.slice(-MEMBERS_JUDGED);
  const apart = judged.filter((a) => judged.some((b) => b !== a && hangTogether(a, b, 'group')));
  return 2 * apart.length > judged.length ? undefined : familyId;
}

function majorityFamily(members: readonly PlacedMember[]): number | undefined {
  const counts = new Map<number, number>();
  for (const { familyId } of members) counts.set(familyId, (counts.get(familyId) ?? 0) + 1);
  for (const [familyId, n] of counts) if (familyId >= 0 && 2 * n > members.length) return familyId;
  return undefined;
}
