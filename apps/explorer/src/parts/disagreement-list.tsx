import type { Disagreement } from '../data/messages.js';
import { pinGlitch } from '../state/actions.js';
import { countText, percentText } from '../words/numbers.js';
import { useExplorer } from './explorer-context.js';
import { Picture } from './picture.js';
import { FamilyTag } from './swatch.js';

const MAX_SHOWN = 12;

/** Glitches that people call otherwise than the family they are in, strongest first. */
export function DisagreementList() {
  const { agreement } = useExplorer();
  const known = agreement.value;
  if (known === undefined || known.nLabelled === 0) return null;
  const { inFamilies, nDisagreements, disagreements } = known;
  return (
    <section class="disagreements" aria-label="Labels against families">
      <h2 class="section-title">
        Labels against families
        <span class="count">{countText(nDisagreements)} disagree</span>
      </h2>
      {inFamilies === null ? null : (
        <p class="quiet">
          {countText(known.nLabelled)} labelled: purity {percentText(inFamilies.purity)},
          homogeneity {inFamilies.homogeneity.toFixed(2)}, completeness{' '}
          {inFamilies.completeness.toFixed(2)}, V {inFamilies.vMeasure.toFixed(2)}, ARI{' '}
          {inFamilies.adjustedRand.toFixed(2)}, NMI {inFamilies.normalizedMutualInfo.toFixed(2)}.
        </p>
      )}
      <ol>
        {disagreements.slice(0, MAX_SHOWN).map((one) => (
          <DisagreementRow key={one.glitchId} one={one} />
        ))}
      </ol>
    </section>
  );
}

function DisagreementRow({ one }: { readonly one: Disagreement }) {
  const explorer = useExplorer();
  return (
    <li>
      <button
        type="button"
        class="disagreement-row"
        aria-pressed={explorer.selection.value.glitchId === one.glitchId}
        onClick={() => pinGlitch(explorer, one.glitchId)}
      >
        <Picture glitchId={one.glitchId} size={34} alt="" />
        <span class="disagreement-words">
          <b>{plain(one.label)}</b> in <FamilyTag familyId={one.familyId} /> of{' '}
          {plain(one.familyLabel)}
        </span>
        <span class="disagreement-score" title="How sure family and membership are">
          {one.score.toFixed(2)}
        </span>
      </button>
    </li>
  );
}

export function plain(label: string): string {
  return label.replaceAll('_', ' ');
}
