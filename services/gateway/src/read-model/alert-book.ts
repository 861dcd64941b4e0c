import { type Alert, AlertState } from '@glitchwatch/proto';

const openStates: ReadonlySet<AlertState> = new Set([
  AlertState.ALERT_STATE_OPEN,
  AlertState.ALERT_STATE_UPDATED,
]);

export function isOpen(alert: Alert): boolean {
  return openStates.has(alert.state);
}

/** Newest revision of each alert; beyond the bound the one least recently changed leaves, closed ones first. */
export class AlertBook {
  private readonly byId = new Map<string, Alert>();

  constructor(private readonly maxAlerts: number) {}

  get size(): number {
    return this.byId.size;
  }

  get nOpen(): number {
    let n = 0;
    for (const alert of this.byId.values()) if (isOpen(alert)) n += 1;
    return n;
  }

  get(alertId: string): Alert | undefined {
    return this.byId.get(alertId);
  }

  /** False for a revision that is not newer. */
  apply(alert: Alert): boolean {
    const held = this.byId.get(alert.alertId);
    if (held !== undefined && alert.revision <= held.revision) return false;
    // Deleting first moves the alert to the end: the map is in order of change.
    this.byId.delete(alert.alertId);
    this.byId.set(alert.alertId, alert);
    if (this.byId.size > this.maxAlerts) this.evict();
    return true;
  }

  /** Open ones first, then by last change, newest first. */
  list(): Alert[] {
    return [...this.byId.values()].sort(
      (a, b) => Number(isOpen(b)) - Number(isOpen(a)) || Number(b.updatedAtMs - a.updatedAtMs),
    );
  }

  private evict(): void {
    for (const [id, alert] of this.byId) {
      if (!isOpen(alert)) {
        this.byId.delete(id);
        return;
      }
    }
    const oldest = this.byId.keys().next().value;
    if (oldest !== undefined) this.byId.delete(oldest);
  }
}
