import type { Family } from '../data/messages.js';
import { UNASSIGNED } from '../data/messages.js';
import { chooseFamily } from '../state/actions.js';
import { countText, detectorsText, frequencyText } from '../words/numbers.js';
import { useExplorer } from './explorer-context.js';
import { nameWords } from './family-panel.js';
import { Picture } from './picture.js';
import { familyName, Swatch } from './swatch.js';

/** The map's text twin: all that colour says there, in words and pictures. */
export function FamilyList() {
  const { families, status } = useExplorer();
  const known = families.value;
  return (
    <section class="families" aria-label="Families">
      <h2 class="section-title">
        Families
        <span class="count">{known?.length ? `${known.length} by size` : ''}</span>
      </h2>
      {known === undefined ? <FamilySkeleton /> : null}
      {known?.length === 0 ? (
        <p class="quiet">Families appear with the first map.</p>
      ) : (
        <ul onKeyDown={moveFocus}>
          {known?.map((family) => (
            <FamilyRow key={family.familyId} family={family} />
          ))}
          {known !== undefined && status.value !== undefined && status.value.nAssigned > 0 ? (
            <UnassignedRow count={status.value.nUnassigned} />
          ) : null}
        </ul>
      )}
    </section>
  );
}

function FamilyRow({ family }: { readonly family: Family }) {
  const explorer = useExplorer();
  const chosen = explorer.selection.value.familyId === family.familyId;
  const name = nameWords(family);
  return (
    <li>
      <button
        type="button"
        class="family-row"
        aria-pressed={chosen}
        onClick={() => chooseFamily(explorer, family.familyId)}
      >
        <span class="family-words">
          <span class="family-title">
            <Swatch familyId={family.familyId} />
            <b>{familyName(family.familyId)}</b>
            {name === undefined ? null : <small title={name}>{name}</small>}
          </span>
          <span class="family-numbers">
            <b>{countText(family.count)}</b>
            <span>{countText(family.lastHour)} last hour</span>
            <span>{frequencyText(family.medianPeakFrequencyHz)}</span>
          </span>
          <span class="family-detectors">{detectorsText(family.byIfo)}</span>
        </span>
        <span class="row-pictures">
          {family.exemplars.slice(0, 3).map((glitchId) => (
            <Picture key={glitchId} glitchId={glitchId} size={48} alt="" />
          ))}
        </span>
      </button>
    </li>
  );
}

function UnassignedRow({ count }: { readonly count: number }) {
  const explorer = useExplorer();
  return (
    <li>
      <button
        type="button"
        class="family-row"
        aria-pressed={explorer.selection.value.familyId === UNASSIGNED}
        onClick={() => chooseFamily(explorer, UNASSIGNED)}
      >
        <span class="family-words">
          <span class="family-title">
            <Swatch familyId={UNASSIGNED} />
            <b>Unassigned</b>
          </span>
          <span class="family-numbers">
            <b>{countText(count)}</b>
            <span>between the families</span>
          </span>
        </span>
      </button>
    </li>
  );
}

function FamilySkeleton() {
  return (
    <ul aria-hidden="true">
      {[0, 1, 2, 3].map((row) => (
        <li key={row} class="skeleton-row" />
      ))}
    </ul>
  );
}

/** Up and down move between rows, Home and End to the ends. */
function moveFocus(event: KeyboardEvent): void {
  if (!(event.currentTarget instanceof HTMLElement)) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('button.family-row')];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  rows[Math.min(rows.length - 1, Math.max(0, to))]?.focus();
}
