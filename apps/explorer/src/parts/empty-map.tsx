import { countText } from '../words/numbers.js';
import { useExplorer } from './explorer-context.js';

/** What stands where the map will be. */
export function EmptyMap() {
  const { nPoints, status, failed } = useExplorer();
  if (nPoints.value > 0) return null;
  const known = status.value;
  if (known === undefined) {
    return (
      <div class="empty-map">
        <p class="empty-title">{failed.value ? 'No gateway' : 'Loading the map'}</p>
        {failed.value ? null : <progress aria-label="Loading" />}
      </div>
    );
  }
  const needed = known.minFitGlitches;
  const have = Math.min(known.nGlitches, needed);
  return (
    <div class="empty-map" role="status">
      <p class="empty-title">{have >= needed ? 'Fitting the first map' : 'Collecting glitches'}</p>
      <p class="empty-count">
        <b>{countText(have)}</b> of {countText(needed)} until the first map
      </p>
      <progress max={needed} value={have} aria-label="Glitches collected" />
      <p class="empty-hint">
        {known.nGlitches === 0
          ? 'Nothing has come in yet. Glitches appear here as soon as ingest accepts them.'
          : 'A map needs enough glitches to tell families apart. It appears here by itself.'}
      </p>
    </div>
  );
}
