import type { Explained } from '../state/explanations.js';
import { windowText } from '../words/numbers.js';
import { bandText, greatestTile } from '../words/tile-place.js';
import { FamilyTag } from './swatch.js';

/** The overlay's text twin: what the glitch was held against, and where most of the likeness lies. */
export function ExplanationWords({ answer }: { readonly answer: Explained }) {
  if (answer.kind === 'loading') return <p class="quiet">Hiding one tile after the other.</p>;
  if (answer.kind === 'failed') return <p class="quiet">The gateway did not answer.</p>;
  if (answer.kind === 'refused') return <p class="quiet">No explanation: {answer.reason}</p>;
  const { familyId, references, similarity, windows } = answer.explanation;
  const { window, tile, importance } = greatestTile(windows);
  const count = references.length;
  return (
    <p class="explanation-words">
      Held against {count}{' '}
      {familyId < 0 ? (
        'of its nearest glitches'
      ) : (
        <>
          {count === 1 ? 'exemplar' : 'exemplars'} of <FamilyTag familyId={familyId} />
        </>
      )}
      : similarity {similarity.toFixed(3)}.{' '}
      {window === undefined
        ? 'No single tile makes it so.'
        : `Most of it: ${bandText(window, tile)} in the window of ${windowText(window.windowSec)} (${importance.toFixed(3)}).`}{' '}
      Dark tiles do nothing for it.
    </p>
  );
}
