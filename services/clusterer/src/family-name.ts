import type { Family } from '@glitchwatch/proto';

/** Labels say enough about a family when so many of its members carry one. */
const LABELLED_SHARE = 0.05;
/** A line stays at one frequency: its band is a small part of it. */
const LINE_BAND = 0.25;
const SHORT_SEC = 0.2;

type NamedBy = Pick<
  Family,
  'familyId' | 'nMembers' | 'membersByLabel' | 'medianPeakFrequencyHz' | 'medianDurationSec'
>;

/**
 * A name until a person gives one: what most labelled members are labelled and how many
 * of them ("Blip, 92 %"); without labels what they look like ("60 Hz lines, 0.5 s");
 * without either the number.
 */
export function defaultFamilyName(family: NamedBy, medianBandwidthHz: number | undefined): string {
  return (
    nameByLabel(family) ?? nameByPhysics(family, medianBandwidthHz) ?? `Family ${family.familyId}`
  );
}

/**
 * Families with their default names, where several would be called by the same label with
 * their physics behind it: "Blip, 92 % (180 Hz, 0.05 s)".
 */
export function withNamesApart(families: readonly Family[]): Family[] {
  const labels = families.map((family) => leadingLabel(family)?.label);
  return families.map((family, i) => {
    const label = labels[i];
    const { medianPeakFrequencyHz: hz, medianDurationSec: sec } = family;
    const isShared = label !== undefined && labels.indexOf(label) !== labels.lastIndexOf(label);
    if (!isShared || hz === undefined) return family;
    return { ...family, name: `${family.name} (${twoDigits(hz)} Hz${durationOf(sec)})` };
  });
}

function nameByLabel(family: NamedBy): string | undefined {
  const leading = leadingLabel(family);
  if (leading === undefined) return undefined;
  return `${leading.label.replaceAll('_', ' ')}, ${Math.round(100 * leading.share)} %`;
}

function leadingLabel({
  membersByLabel,
  nMembers,
}: NamedBy): { readonly label: string; readonly share: number } | undefined {
  const labels = Object.entries(membersByLabel).sort(
    ([a, n], [b, m]) => Number(m - n) || (a < b ? -1 : 1),
  );
  const [top] = labels;
  const labelled = labels.reduce((sum, [, n]) => sum + Number(n), 0);
  if (top === undefined || labelled < LABELLED_SHARE * Number(nMembers)) return undefined;
  return { label: top[0], share: Number(top[1]) / labelled };
}

function nameByPhysics(
  { medianPeakFrequencyHz: hz, medianDurationSec: sec }: NamedBy,
  bandwidthHz: number | undefined,
): string | undefined {
  if (hz === undefined) return undefined;
  const isLine = bandwidthHz !== undefined && bandwidthHz < LINE_BAND * hz;
  const kind = isLine ? 'lines' : sec !== undefined && sec < SHORT_SEC ? 'bursts' : 'glitches';
  return `${twoDigits(hz)} Hz ${kind}${durationOf(sec)}`;
}

function durationOf(sec: number | undefined): string {
  return sec === undefined ? '' : `, ${twoDigits(sec)} s`;
}

function twoDigits(value: number): string {
  return String(Number(value.toPrecision(2)));
}
