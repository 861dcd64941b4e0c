import type { Alert } from '../data/messages.js';

/** Takes a revision in if it is newer; open alerts first, then the last changed. */
export function withAlert(alerts: readonly Alert[], revision: Alert): readonly Alert[] {
  const held = alerts.find(({ alertId }) => alertId === revision.alertId);
  if (held !== undefined && held.revision >= revision.revision) return alerts;
  return sortAlerts([...alerts.filter((alert) => alert !== held), revision]);
}

export function sortAlerts(alerts: readonly Alert[]): readonly Alert[] {
  return [...alerts].sort(
    (a, b) => Number(b.open) - Number(a.open) || b.updatedAtMs - a.updatedAtMs,
  );
}
