import type { Explorer, Hover } from './explorer.js';
import { nothingSelected } from './selection.js';

/** What a person can do. A second choice of the same thing takes it back. */

export function chooseFamily(explorer: Explorer, familyId: number): void {
  const { selection } = explorer;
  const again = selection.value.familyId === familyId && selection.value.glitchId === undefined;
  selection.value = again ? nothingSelected : { ...nothingSelected, familyId };
}

/** Pins a glitch beside the map; a highlighted family or an alert stays as it is. */
export function pinGlitch(explorer: Explorer, glitchId: string): void {
  explorer.selection.value = { ...explorer.selection.value, glitchId };
}

/** Draws over the pinned glitch's pictures what makes it like its family, or takes that away. */
export function toggleExplained(explorer: Explorer): void {
  const { selection, explanations } = explorer;
  const { glitchId, explained } = selection.value;
  if (glitchId === undefined) return;
  if (!explained) explanations.retry(glitchId);
  selection.value = { ...selection.value, explained: !explained };
}

export function chooseAlert(explorer: Explorer, alertId: string): void {
  const { selection } = explorer;
  const again = selection.value.alertId === alertId && selection.value.glitchId === undefined;
  selection.value = again ? nothingSelected : { ...nothingSelected, alertId };
}

/** Takes back the last step: first the pinned glitch, then what is highlighted. */
export function stepBack(explorer: Explorer): void {
  const { selection } = explorer;
  selection.value =
    selection.value.glitchId === undefined
      ? nothingSelected
      : { ...selection.value, glitchId: undefined, explained: false };
}

export function clearSelection(explorer: Explorer): void {
  explorer.selection.value = nothingSelected;
}

/** Shown at once; the log has it. */
export async function renameFamily(
  explorer: Explorer,
  familyId: number,
  name: string,
): Promise<void> {
  const renamed = await explorer.gateway.renameFamily(familyId, name);
  explorer.families.value = explorer.families.value?.map((family) =>
    family.familyId === familyId ? renamed : family,
  );
}

/** Gives a glitch a label (empty: takes the person's back) and shows what came of it. */
export async function labelGlitch(
  explorer: Explorer,
  glitchId: string,
  label: string,
): Promise<void> {
  await explorer.gateway.label(glitchId, label);
  await Promise.all([explorer.details.refresh(glitchId), loadAgreement(explorer)]);
}

/** Of all families, and the least certain members of the chosen one. */
export async function loadAgreement(explorer: Explorer): Promise<void> {
  const { familyId } = explorer.selection.peek();
  const agreement = await explorer.gateway.agreement(familyId === undefined ? [] : [familyId]);
  explorer.agreement.value = agreement;
}

export function hoverOver(explorer: Explorer, hover: Hover | undefined): void {
  explorer.hover.value = hover;
}
