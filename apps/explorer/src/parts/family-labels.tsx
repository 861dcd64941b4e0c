import { countText, percentText } from '../words/numbers.js';
import { plain } from './disagreement-list.js';
import { useExplorer } from './explorer-context.js';
import { Thumb } from './thumb.js';

const MAX_LABELS = 8;

/** What people call a family's members, how pure that is, and which members are least certain. */
export function FamilyLabels({ familyId }: { readonly familyId: number }) {
  const { agreement } = useExplorer();
  const family = agreement.value?.families.find((one) => one.familyId === familyId);
  if (family === undefined) return null;
  const { labels, ambiguous, nLabelled } = family;
  const rest = labels.slice(MAX_LABELS).reduce((sum, { count }) => sum + count, 0);
  return (
    <>
      {nLabelled === 0 ? null : (
        <section aria-label="Labels of this family">
          <h3>
            Labels: {percentText(family.purity)} pure, {family.entropyBits.toFixed(2)} bits
          </h3>
          <ul class="histogram">
            {labels.slice(0, MAX_LABELS).map(({ label, count }) => (
              <li key={label}>
                <span>{plain(label)}</span>
                <meter
                  min={0}
                  max={nLabelled}
                  value={count}
                  aria-label={`${plain(label)}: ${count} of ${nLabelled}`}
                />
                <span>{countText(count)}</span>
              </li>
            ))}
          </ul>
          {rest > 0 ? <p class="quiet">{countText(rest)} more under other labels.</p> : null}
        </section>
      )}
      {ambiguous.length === 0 ? null : (
        <section aria-label="Least certain members">
          <h3>Least certain members</h3>
          <ul class="thumbs four">
            {ambiguous.slice(0, 8).map(({ glitchId, membershipProbability, label }) => (
              <li key={glitchId}>
                <Thumb
                  glitchId={glitchId}
                  size={76}
                  note={percentText(membershipProbability)}
                  label={`Glitch ${glitchId.slice(0, 8)} ${plain(label)}, member with ${percentText(membershipProbability)}`}
                />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
