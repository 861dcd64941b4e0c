import type { Alert, Assignment, FamilyEvent, Feedback, ModelActivated } from '@glitchwatch/proto';
import { AgreementBoard } from './agreement-board.js';
import { AlertBook } from './alert-book.js';
import { FamilyBoard } from './family-board.js';
import { type AssignmentChange, GlitchTable, type LogPlace } from './glitch-table.js';
import { PersonLabels } from './person-labels.js';
import { RateWindow } from './rate-window.js';

export interface ReadModelBounds {
  readonly maxGlitches: number;
  readonly maxAlerts: number;
  readonly maxLabels: number;
  readonly maxPersonLabels: number;
}

/**
 * What the gateway knows, made from the log alone and therefore disposable.
 * Nothing here does I/O; records are applied one at a time, and applying one
 * twice changes nothing.
 */
export class ReadModel {
  readonly glitches: GlitchTable;
  readonly families = new FamilyBoard();
  readonly alerts: AlertBook;
  readonly personLabels: PersonLabels;
  readonly agreement: AgreementBoard;
  private readonly arrivals = new RateWindow(5_000, 120);
  private newestTriggerMs = 0;
  private newestAssignmentMs = 0;

  constructor(bounds: ReadModelBounds) {
    this.personLabels = new PersonLabels(bounds.maxPersonLabels);
    this.agreement = new AgreementBoard(bounds.maxLabels);
    this.alerts = new AlertBook(bounds.maxAlerts);
    this.glitches = new GlitchTable(bounds.maxGlitches, (row) => this.leaveFamily(row));
  }

  get lastTriggerMs(): number {
    return this.newestTriggerMs;
  }

  get lastAssignmentMs(): number {
    return this.newestAssignmentMs;
  }

  applyTrigger(glitchId: string, place: LogPlace, atMs: number): void {
    if (!this.glitches.noteTrigger(glitchId, place)) return;
    this.arrivals.add(atMs);
    this.newestTriggerMs = Math.max(this.newestTriggerMs, atMs);
  }

  applyAssignment(assignment: Assignment, place: LogPlace): AssignmentChange {
    const change = this.glitches.judge(assignment);
    if (change === 'duplicate' || change === 'stale') return change;
    const held = this.glitches.rowOf(assignment.glitchId);
    if (held !== undefined) this.leaveFamily(held);
    this.glitches.apply(assignment, place);
    this.families.enter(assignment);
    const { glitchId, familyId, membershipProbability, trigger } = assignment;
    this.agreement.enter(this.glitches.rowOf(glitchId)!, {
      familyId,
      membershipProbability,
      sourceLabel: trigger?.label ?? '',
      personLabel: this.personLabels.of(glitchId)?.label,
    });
    this.newestAssignmentMs = Math.max(this.newestAssignmentMs, Number(assignment.assignedAtMs));
    return change;
  }

  applyModel(model: ModelActivated): boolean {
    return this.families.activate(model);
  }

  /** False where it changes nothing that is shown. */
  applyFamilyEvent(event: FamilyEvent): boolean {
    return this.families.applyEvent(event);
  }

  applyAlert(alert: Alert): boolean {
    return this.alerts.apply(alert);
  }

  /** What a person said. A label may come before its glitch: topics are read side by side. */
  applyFeedback(feedback: Feedback): void {
    for (const glitchId of this.personLabels.apply(feedback)) {
      const row = this.glitches.rowOf(glitchId);
      if (row === undefined || !this.glitches.isAssigned(row)) continue;
      this.agreement.relabel(row, this.personLabels.of(glitchId)?.label);
    }
  }

  /** Triggers accepted within the last minute. */
  glitchesPerMinute(nowMs: number): number {
    return this.arrivals.count(nowMs, 60_000);
  }

  private leaveFamily(row: number): void {
    if (!this.glitches.isAssigned(row)) return;
    const { glitches } = this;
    this.agreement.leave(row);
    this.families.leave(glitches.familyOf(row), glitches.ifoOf(row), glitches.occurredMsOf(row));
  }
}
