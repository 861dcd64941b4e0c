import type { Family } from '../data/messages.js';
import { agoText } from '../words/gps-time.js';
import {
  countText,
  detectorsText,
  durationText,
  frequencyText,
  measureText,
  percentText,
} from '../words/numbers.js';
import { useExplorer } from './explorer-context.js';
import { Facts } from './facts.js';
import { FamilyLabels } from './family-labels.js';
import { FamilyNameForm } from './family-name-form.js';
import { Panel } from './panel.js';
import { familyName, Swatch } from './swatch.js';
import { Thumb } from './thumb.js';

export function FamilyPanel({ familyId }: { readonly familyId: number }) {
  const { families, status, nowMs } = useExplorer();
  const family = families.value?.find((candidate) => candidate.familyId === familyId);
  const title = (
    <>
      <Swatch familyId={familyId} /> {familyName(familyId)}
    </>
  );
  if (familyId < 0) {
    return (
      <Panel title={title} label="Unassigned glitches">
        <p class="quiet">
          {countText(status.value?.nUnassigned ?? 0)} glitches lie between the families. Hover over
          them on the map; a group of them that grows becomes a novelty alert.
        </p>
      </Panel>
    );
  }
  if (family === undefined) {
    return (
      <Panel title={title} label="Family">
        <p class="quiet">
          {families.value === undefined
            ? 'Loading.'
            : 'This family is not in the active model: it may have been retired by a refit.'}
        </p>
      </Panel>
    );
  }
  return (
    <Panel title={title} subtitle={nameWords(family)} label={familyName(familyId)}>
      <FamilyNameForm key={family.familyId} family={family} />
      <ul class="thumbs three">
        {family.exemplars.slice(0, 9).map((glitchId) => (
          <li key={glitchId}>
            <Thumb glitchId={glitchId} size={104} label={`Glitch ${glitchId.slice(0, 8)}`} />
          </li>
        ))}
      </ul>
      <Facts
        facts={[
          { name: 'Glitches', value: countText(family.count) },
          { name: 'Last hour', value: countText(family.lastHour) },
          { name: 'Peak freq.', value: frequencyText(family.medianPeakFrequencyHz) },
          { name: 'SNR', value: measureText(family.medianSnr, '') },
          { name: 'Duration', value: durationText(family.medianDurationSec) },
          { name: 'Persistence', value: family.persistence.toFixed(2) },
          { name: 'Last seen', value: agoText(family.lastSeenMs, nowMs.value) },
          { name: 'Since model', value: `v${family.firstModelVersion}` },
          { name: 'Labels', value: labelWords(family) ?? 'none' },
          { name: 'Detectors', value: detectorsText(family.byIfo), wide: true },
        ]}
      />
      <FamilyLabels familyId={familyId} />
      <p class="quiet">
        Frequency, SNR and duration are medians. The map shows this family; the rest is dimmed.
        Choose it again, or press Escape, to show all.
      </p>
    </Panel>
  );
}

/** Its name beside its number; nothing where the name is the number. */
export function nameWords({ familyId, name }: Pick<Family, 'familyId' | 'name'>) {
  return name === familyName(familyId) ? undefined : name;
}

/** What people call most of its members, where labels came along. */
export function labelWords(family: Pick<Family, 'byLabel'>): string | undefined {
  const labelled = Object.entries(family.byLabel).sort((a, b) => b[1] - a[1]);
  const total = labelled.reduce((sum, [, n]) => sum + n, 0);
  const [top] = labelled;
  if (top === undefined || total === 0) return undefined;
  return `${top[0].replaceAll('_', ' ')} ${percentText(top[1] / total)}`;
}
