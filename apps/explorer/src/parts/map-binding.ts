import { effect } from '@preact/signals';
import type { Alert } from '../data/messages.js';
import type { MapPlace, MapPoints, MapView } from '../map/map-view.js';
import type { Explorer } from '../state/explorer.js';
import { alertRgb } from './map-style.js';
import { currentTheme } from './theme.js';

/** Ties the state to the map; nothing else calls the map on its behalf. Returns how to let go. */
export function bindMap(explorer: Explorer, map: MapView): () => void {
  const { points } = explorer;
  const columns = (): MapPoints => ({
    size: points.size,
    x: points.x,
    y: points.y,
    familyIds: points.familyIds,
  });
  if (points.size > 0) map.setPoints(columns());
  map.setView(explorer.view.peek());

  const stopPoints = explorer.onPoints((change) => {
    if (change.kind === 'replaced') {
      map.setPoints(columns());
      highlightSelection(explorer, map);
      return;
    }
    map.updatePoints(columns(), change.indices);
    map.pulse(change.indices);
  });
  const stops = [
    stopPoints,
    effect(() => highlightSelection(explorer, map)),
    effect(() => labelFamilies(explorer, map)),
    effect(() => markAlerts(explorer, map)),
    effect(() => showChosen(explorer, map)),
    onPopState(() => map.setView(explorer.view.peek())),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function highlightSelection(explorer: Explorer, map: MapView): void {
  const { points } = explorer;
  const { familyId, glitchId, alertId } = explorer.selection.value;
  map.select(glitchId === undefined ? undefined : points.indexOf(glitchId));
  const alert = explorer.alerts.value.find((candidate) => candidate.alertId === alertId);
  if (alert !== undefined) {
    const members = new Set(alert.members.map((id) => points.indexOf(id)));
    map.highlight({ includes: (index) => members.has(index), colour: alertRgb(currentTheme()) });
  } else if (familyId !== undefined) {
    map.highlight({ includes: (index) => points.familyAt(index) === familyId });
  } else {
    map.highlight(undefined);
  }
}

function labelFamilies(explorer: Explorer, map: MapView): void {
  const { familyId: chosen, alertId } = explorer.selection.value;
  const dimmed = chosen !== undefined || alertId !== undefined;
  map.setLabels(
    (explorer.families.value ?? [])
      .filter(({ count }) => count > 0)
      .map((family) => ({
        x: family.mapX,
        y: family.mapY,
        text: String(family.familyId),
        strong: family.familyId === chosen,
        dim: dimmed && family.familyId !== chosen,
      }))
      .sort((a, b) => Number(b.strong) - Number(a.strong)),
  );
}

function markAlerts(explorer: Explorer, map: MapView): void {
  const chosen = explorer.selection.value.alertId;
  map.setMarks(
    explorer.openAlerts.value.map((alert) => ({
      x: alert.mapX,
      y: alert.mapY,
      reach: reachOf(explorer, alert),
      text: `new · ${alert.count}`,
      strong: alert.alertId === chosen,
    })),
  );
}

/** Distance within which nine of ten members lie; a stray one does not widen the mark. */
function reachOf({ points, nPoints }: Explorer, alert: Alert): number {
  if (nPoints.value === 0) return 0;
  const distances = alert.members.flatMap((glitchId) => {
    const index = points.indexOf(glitchId);
    if (index === undefined) return [];
    return [Math.hypot(points.x[index]! - alert.mapX, points.y[index]! - alert.mapY)];
  });
  distances.sort((a, b) => a - b);
  return distances[Math.floor(distances.length * 0.9)] ?? 0;
}

/**
 * Only on a choice: a new revision of an alert never moves the camera. An alert is
 * flown to; a glitch or a family only when it would lie behind the panel.
 */
function showChosen(explorer: Explorer, map: MapView): void {
  const { alertId, glitchId, familyId } = explorer.selection.value;
  const chosen = glitchId ?? alertId ?? familyId;
  map.setCovered(chosen === undefined ? 0 : PANEL_PX);
  if (chosen === lastShown.get(map)) return;
  const place = placeOf(explorer);
  if (place !== undefined) {
    if (glitchId === undefined && alertId !== undefined) map.flyTo(place, 1.8);
    else map.reveal(place);
  }
  // What the address names may still be on its way.
  if (place !== undefined || chosen === undefined) lastShown.set(map, chosen);
}

function placeOf({ selection, points, alerts, families, nPoints }: Explorer): MapPlace | undefined {
  const { alertId, glitchId, familyId } = selection.value;
  if (glitchId !== undefined) {
    const index = nPoints.value === 0 ? undefined : points.indexOf(glitchId);
    return index === undefined ? undefined : { x: points.x[index]!, y: points.y[index]! };
  }
  const found =
    alertId === undefined
      ? families.value?.find((family) => family.familyId === familyId)
      : alerts.value.find((alert) => alert.alertId === alertId);
  return found === undefined ? undefined : { x: found.mapX, y: found.mapY };
}

const PANEL_PX = 384;
const lastShown = new WeakMap<MapView, string | number | undefined>();

function onPopState(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  return () => window.removeEventListener('popstate', listener);
}
