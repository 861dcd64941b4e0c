import { effect } from '@preact/signals';
import { familyHex } from '../colour/family-colour.js';
import type { MapPoints, MapView } from '../map/map-view.js';
import type { Explorer } from '../state/explorer.js';
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
    effect(() => flyToAlert(explorer, map)),
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
    map.highlight((index) => members.has(index));
  } else if (familyId !== undefined) {
    map.highlight((index) => points.familyAt(index) === familyId);
  } else {
    map.highlight(undefined);
  }
}

function labelFamilies(explorer: Explorer, map: MapView): void {
  const theme = currentTheme();
  const chosen = explorer.selection.value.familyId;
  map.setLabels(
    (explorer.families.value ?? [])
      .filter(({ count }) => count > 0)
      .map((family) => ({
        x: family.mapX,
        y: family.mapY,
        text: String(family.familyId),
        colour: familyHex(family.familyId, theme),
        strong: family.familyId === chosen,
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
      text: `new · ${alert.count}`,
      strong: alert.alertId === chosen,
    })),
  );
}

/** Only on a choice: a new revision of the alert never moves the camera. */
function flyToAlert(explorer: Explorer, map: MapView): void {
  const { alertId } = explorer.selection.value;
  if (alertId === lastFlown.get(map)) return;
  const alert = explorer.alerts.value.find((candidate) => candidate.alertId === alertId);
  if (alert !== undefined) map.flyTo({ x: alert.mapX, y: alert.mapY }, 1.8);
  // An alert named by the address may still be on its way.
  if (alert !== undefined || alertId === undefined) lastFlown.set(map, alertId);
}

const lastFlown = new WeakMap<MapView, string | undefined>();

function onPopState(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  return () => window.removeEventListener('popstate', listener);
}
