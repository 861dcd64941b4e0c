import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { MapView } from '../map/map-view.js';
import { createWebGlMapView } from '../map/webgl-map-view.js';
import { clearSelection, hoverOver, pinGlitch } from '../state/actions.js';
import type { Explorer } from '../state/explorer.js';
import { AlertBanner } from './alert-banner.js';
import { EmptyMap } from './empty-map.js';
import { useExplorer } from './explorer-context.js';
import { bindMap } from './map-binding.js';
import { MapControls } from './map-controls.js';
import { mapStyle } from './map-style.js';
import { currentTheme } from './theme.js';

export function MapPane() {
  const explorer = useExplorer();
  const host = useRef<HTMLDivElement>(null);
  const map = useRef<MapView | undefined>(undefined);
  const [failure, setFailure] = useState<string | undefined>(undefined);

  useEffect(() => {
    if (host.current === null) return undefined;
    try {
      map.current = createWebGlMapView(
        host.current,
        mapStyle(currentTheme()),
        listenerFor(explorer),
      );
    } catch (error) {
      // The lists work without it; the page says what is missing.
      setFailure(error instanceof Error ? error.message : String(error));
      return undefined;
    }
    const unbind = bindMap(explorer, map.current);
    return () => {
      unbind();
      map.current?.destroy();
      map.current = undefined;
    };
  }, [explorer]);

  useSignalEffect(() => {
    map.current?.setStyle(mapStyle(currentTheme()));
  });

  return (
    <section class="map-pane" aria-label="Map of glitches">
      <div
        class="map-host"
        ref={host}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move the camera
        tabIndex={0}
        role="application"
        aria-label="Map of glitches: arrows move, plus and minus zoom, 0 shows all. The list of families is its text twin."
        onKeyDown={(event) => {
          if (map.current !== undefined && steer(map.current, event.key)) event.preventDefault();
        }}
      />
      <MapControls map={map} />
      <AlertBanner />
      {failure === undefined ? <EmptyMap /> : <p class="empty-map">No map: {failure}.</p>}
    </section>
  );
}

function listenerFor(explorer: Explorer): Parameters<typeof createWebGlMapView>[2] {
  const idAt = (index: number | undefined): string | undefined =>
    index === undefined ? undefined : explorer.points.idAt(index);
  return {
    onHover(index, clientX, clientY) {
      const glitchId = idAt(index);
      hoverOver(explorer, glitchId === undefined ? undefined : { glitchId, clientX, clientY });
    },
    onClick(index) {
      const glitchId = idAt(index);
      if (glitchId === undefined) clearSelection(explorer);
      else pinGlitch(explorer, glitchId);
    },
    onView(view) {
      explorer.view.value = view;
    },
  };
}

const STEP_PX = 60;

/** True when the key meant something. */
function steer(map: MapView, key: string): boolean {
  switch (key) {
    case 'ArrowLeft':
      map.panBy(STEP_PX, 0);
      return true;
    case 'ArrowRight':
      map.panBy(-STEP_PX, 0);
      return true;
    case 'ArrowUp':
      map.panBy(0, STEP_PX);
      return true;
    case 'ArrowDown':
      map.panBy(0, -STEP_PX);
      return true;
    case '+':
    case '=':
      map.zoomBy(1.5);
      return true;
    case '-':
      map.zoomBy(1 / 1.5);
      return true;
    case '0':
      map.showAll();
      return true;
    default:
      return false;
  }
}
