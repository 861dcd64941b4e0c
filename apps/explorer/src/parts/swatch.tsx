import { familyHex } from '../colour/family-colour.js';
import { UNASSIGNED } from '../data/messages.js';
import { currentTheme } from './theme.js';

/** A family's colour; hollow for unassigned, so that it is not only the grey that tells. */
export function Swatch({ familyId }: { readonly familyId: number }) {
  const colour = familyHex(familyId, currentTheme());
  const hollow = familyId === UNASSIGNED;
  return (
    <span
      class={hollow ? 'swatch hollow' : 'swatch'}
      style={hollow ? { borderColor: colour } : { backgroundColor: colour, borderColor: colour }}
      aria-hidden="true"
    />
  );
}

export function familyName(familyId: number): string {
  return familyId === UNASSIGNED ? 'Unassigned' : `Family ${familyId}`;
}

export function FamilyTag({ familyId }: { readonly familyId: number }) {
  return (
    <span class="family-tag">
      <Swatch familyId={familyId} />
      {familyName(familyId)}
    </span>
  );
}
