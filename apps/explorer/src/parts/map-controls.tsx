import type { RefObject } from 'preact';
import type { MapView } from '../map/map-view.js';
import { countText } from '../words/numbers.js';
import { useExplorer } from './explorer-context.js';
import { familyName, Swatch } from './swatch.js';

/** Buttons of the camera and what the map shows at present. */
export function MapControls({ map }: { readonly map: RefObject<MapView | undefined> }) {
  const { nPoints } = useExplorer();
  if (nPoints.value === 0) return null;
  return (
    <>
      <div class="map-buttons">
        <button type="button" aria-label="Zoom in" onClick={() => map.current?.zoomBy(1.5)}>
          +
        </button>
        <button type="button" aria-label="Zoom out" onClick={() => map.current?.zoomBy(1 / 1.5)}>
          −
        </button>
        <button
          type="button"
          aria-label="Show the whole map"
          onClick={() => map.current?.showAll()}
        >
          <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
            <path d="M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4" />
          </svg>
        </button>
      </div>
      <MapLegend />
    </>
  );
}

function MapLegend() {
  const { nPoints, selection, families, alerts, status } = useExplorer();
  const { familyId, alertId } = selection.value;
  const total = countText(nPoints.value);
  if (alertId !== undefined) {
    const alert = alerts.value.find((candidate) => candidate.alertId === alertId);
    return (
      <p class="map-legend">
        <b>{countText(alert?.count ?? 0)}</b> of {total} glitches in this alert
      </p>
    );
  }
  if (familyId !== undefined) {
    const family = families.value?.find((candidate) => candidate.familyId === familyId);
    const count = familyId < 0 ? status.value?.nUnassigned : family?.count;
    return (
      <p class="map-legend">
        <Swatch familyId={familyId} /> {familyName(familyId)}: <b>{countText(count ?? 0)}</b> of{' '}
        {total} glitches
      </p>
    );
  }
  return (
    <p class="map-legend">
      <b>{total}</b> glitches, coloured by family · <Swatch familyId={-1} /> unassigned
    </p>
  );
}
