import type { WindowImportance } from '../data/messages.js';
import { bandText } from '../words/tile-place.js';

/** How much darker a tile gets that does nothing. */
const DIMMEST = 0.74;
/** A tile with at least this share of the greatest importance gets a frame. */
const FRAMED = 0.5;

/**
 * Darkens what does nothing for the likeness and frames what does most: lightness and
 * lines, no hue, so viridis below stays readable. `greatest` is that of all windows.
 */
export function ImportanceOverlay(props: {
  readonly importance: WindowImportance;
  readonly greatest: number;
}) {
  const { rows, columns, importances } = props.importance;
  return (
    <svg
      class="importance-overlay"
      viewBox={`0 0 ${columns} ${rows}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`What matters in the window of ${props.importance.windowSec} s`}
    >
      {importances.map((importance, i) => {
        const share = Math.max(0, importance) / Math.max(props.greatest, 1e-9);
        const place = { x: i % columns, y: Math.floor(i / columns) };
        return (
          <rect
            key={i}
            {...place}
            width={1}
            height={1}
            fill="#05070a"
            fill-opacity={(DIMMEST * (1 - share)).toFixed(3)}
          >
            <title>{`${bandText(props.importance, i)}: ${importance.toFixed(4)} of the similarity`}</title>
          </rect>
        );
      })}
      {importances.map((importance, i) =>
        importance < FRAMED * props.greatest || importance <= 0 ? null : (
          <rect
            key={i}
            class="framed"
            x={(i % columns) + 0.04}
            y={Math.floor(i / columns) + 0.04}
            width={0.92}
            height={0.92}
          />
        ),
      )}
    </svg>
  );
}
