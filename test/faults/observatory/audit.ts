import { type Alert, Assignment } from '@glitchwatch/proto';
import type { Ledger } from './ledger.js';
import { alertId, assignmentId } from './subscriber.js';

/** Lists are empty where the promise was kept; each entry names one breach. */
export interface Audit {
  /** Accepted, and no assignment under any model or no trigger on the log. */
  readonly lost: readonly string[];
  /** Accepted, and none under the model in force. */
  readonly waiting: readonly string[];
  /** (glitch, model version) or (alert, revision) with two different contents. */
  readonly contradictions: readonly string[];
  /** A glitch's model versions, or an alert's revisions, that step back on the log. */
  readonly outOfOrder: readonly string[];
}

export function auditOf(ledger: Ledger, accepted: ReadonlySet<string>): Audit {
  const contradictions: string[] = [];
  const outOfOrder: string[] = [];
  const facts = [...ledger.assignments.values()].flat();
  const judge = <Message>(
    messages: readonly Message[],
    idOf: (message: Message) => string,
    textOf: (message: Message) => string,
  ): Message[] => {
    const first = new Map<string, string>();
    return messages.filter((message) => {
      const id = idOf(message);
      const text = textOf(message);
      const known = first.get(id);
      if (known === undefined) {
        first.set(id, text);
        return true;
      }
      if (known !== text) contradictions.push(`${id}: ${known} and ${text}`);
      return false;
    });
  };
  const assignments = judge(
    facts,
    ({ glitchId, modelVersion }) => assignmentId(glitchId, modelVersion),
    whatItSays,
  );
  const alerts = judge(
    ledger.alerts,
    (alert) => alertId(alert.alertId, alert.revision),
    whatAlertSays,
  );
  stepsBack(
    assignments,
    ({ glitchId }) => glitchId,
    ({ modelVersion }) => modelVersion,
    outOfOrder,
  );
  stepsBack(
    alerts,
    ({ alertId: id }) => id,
    ({ revision }) => revision,
    outOfOrder,
  );
  return {
    lost: [...accepted].filter((id) => !ledger.assignments.has(id) || !ledger.triggers.has(id)),
    waiting: ledger.waiting(accepted),
    contradictions,
    outOfOrder,
  };
}

function stepsBack<Message>(
  messages: readonly Message[],
  keyOf: (message: Message) => string,
  numberOf: (message: Message) => number,
  breaches: string[],
): void {
  const last = new Map<string, number>();
  for (const message of messages) {
    const key = keyOf(message);
    const before = last.get(key) ?? -1;
    if (numberOf(message) < before)
      breaches.push(`${key}: ${numberOf(message)} first comes after ${before}`);
    last.set(key, Math.max(before, numberOf(message)));
  }
}

/** All but the moments at which it was made: those differ when it is made again. */
function whatItSays(assignment: Assignment): string {
  const { trigger: _, ...rest } = assignment;
  return JSON.stringify(
    Assignment.toJSON(Assignment.fromPartial({ ...rest, ingestedAtMs: 0n, assignedAtMs: 0n })),
  );
}

function whatAlertSays({ state, memberGlitchIds, resolvedFamilyId }: Alert): string {
  return JSON.stringify({ state, memberGlitchIds, resolvedFamilyId });
}

/** What the log has and a subscriber never saw. */
export function unseenAlerts(ledger: Ledger, seen: ReadonlySet<string>): string[] {
  return ledger.alerts
    .map((alert) => alertId(alert.alertId, alert.revision))
    .filter((id) => !seen.has(id));
}

export function unseenAssignments(ledger: Ledger, seen: ReadonlySet<string>): string[] {
  return [...ledger.assignments.values()]
    .flat()
    .map(({ glitchId, modelVersion }) => assignmentId(glitchId, modelVersion))
    .filter((id) => !seen.has(id));
}
