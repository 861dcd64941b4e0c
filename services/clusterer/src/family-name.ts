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

function nameByLabel({ membersByLabel, nMembers }: NamedBy): string | undefined {
  const labels = Object.entries(membersByLabel).sort(
    ([a, n], [b, m]) => Number(m - n) || (a < b ? -1 : 1),
  );
  const [top] = labels;
  const labelled = labels.reduce((sum, [, n]) => sum + Number(n), 0);
  if (top === undefined || labelled < LABELLED_SHARE * Number(nMembers)) return undefined;
  return `${top[0].replaceAll('_', ' ')}, ${Math.round((100 * Number(top[1])) / labelled)} %`;
}

function nameByPhysics(
  { medianPeakFrequencyHz: hz, medianDurationSec: sec }: NamedBy,
  bandwidthHz: number | undefined,
): string | undefined {
  if (hz === undefined) return undefined;
  const isLine = bandwidthHz !== undefined && bandwidthHz < LINE_BAND * hz;
  const kind = isLine ? 'lines' : sec !== undefined && sec < SHORT_SEC ? 'bursts' : 'glitches';
  const duration = sec === undefined ? '' : `, ${twoDigits(sec)} s`;
  return `${twoDigits(hz)} Hz ${kind}${duration}`;
}

function twoDigits(value: number): string {
  return String(Number(value.toPrecision(2)));
}
