import type { CollectedRun } from './collect.js';
import type { LabelAgreement } from './summary.js';

export interface ReportFacts {
  readonly run: CollectedRun;
  readonly labels: LabelAgreement;
  readonly sheets: ReadonlyMap<number, Uint8Array>;
  readonly noiseFraction: number;
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};
const escapeHtml = (text: string) => text.replaceAll(/[&<>"]/g, (char) => escapes[char] ?? char);

/** Hues a golden angle apart, so that neighbours in number differ in colour. */
const colourOf = (family: number) =>
  family < 0 ? '#9aa0a6' : `hsl(${((family * 137.508) % 360).toFixed(0)} 62% 52%)`;

const mapSize = 640;
const mapMargin = 24;

/** The map as SVG; each point names itself when pointed at. */
function mapSvg({ glitches, families }: CollectedRun): string {
  const nameOf = new Map(families.map(({ familyId, name }) => [familyId, name]));
  const xs = glitches.map(({ assignment }) => assignment.mapX);
  const ys = glitches.map(({ assignment }) => assignment.mapY);
  const scale = (values: readonly number[]) => {
    const low = Math.min(...values);
    const span = Math.max(...values) - low || 1;
    return (value: number) => mapMargin + ((value - low) / span) * (mapSize - 2 * mapMargin);
  };
  const x = scale(xs);
  const y = scale(ys);
  const points = glitches.map(({ assignment: a }) => {
    const name = `${a.trigger?.ifo ?? ''} ${a.trigger?.externalId ?? ''} ${a.trigger?.label ?? ''}`;
    const where =
      a.familyId < 0 ? 'unassigned' : `family ${a.familyId}, ${nameOf.get(a.familyId) ?? ''}`;
    return (
      `<circle cx="${x(a.mapX).toFixed(1)}" cy="${(mapSize - y(a.mapY)).toFixed(1)}" r="4.5" ` +
      `fill="${colourOf(a.familyId)}"><title>${escapeHtml(`${name.trim()}: ${where}`)}</title></circle>`
    );
  });
  const names = families.map(
    (f) =>
      `<text x="${x(f.mapX).toFixed(1)}" y="${(mapSize - y(f.mapY) - 8).toFixed(1)}">${f.familyId}</text>`,
  );
  return `<svg viewBox="0 0 ${mapSize} ${mapSize}" role="img" aria-label="Map of the glitches">${points.join('')}${names.join('')}</svg>`;
}

function familySection(familyId: number, { run, sheets }: ReportFacts): string {
  const family = run.families.find((one) => one.familyId === familyId);
  const count = run.glitches.filter(({ assignment }) => assignment.familyId === familyId).length;
  const facts = [
    familyId >= 0 && `family ${familyId}`,
    `${count} glitches`,
    family?.medianPeakFrequencyHz && `median ${family.medianPeakFrequencyHz.toFixed(0)} Hz`,
    ...commonestLabels(family?.membersByLabel ?? {}),
  ].filter((fact): fact is string => typeof fact === 'string');
  const sheet = sheets.get(familyId);
  const picture = sheet
    ? `<img alt="Spectrograms of members" src="data:image/png;base64,${Buffer.from(sheet).toString('base64')}">`
    : '<p>No picture.</p>';
  const title = familyId < 0 ? 'Unassigned' : (family?.name ?? `Family ${familyId}`);
  return (
    `<section><h2><i style="background:${colourOf(familyId)}"></i>${escapeHtml(title)}</h2>` +
    `<p>${escapeHtml(facts.join(', '))}</p>${picture}</section>`
  );
}

function commonestLabels(membersByLabel: Readonly<Record<string, bigint>>): string[] {
  return Object.entries(membersByLabel)
    .sort(([a, n], [b, m]) => Number(m - n) || (a < b ? -1 : 1))
    .slice(0, 4)
    .map(([label, count]) => `${count} ${label}`);
}

const style = `
  :root { color-scheme: light; font: 15px/1.5 system-ui, sans-serif }
  body { max-width: 1100px; margin: 2rem auto; padding: 0 1rem }
  header { display: flex; gap: 2rem; flex-wrap: wrap }
  svg { width: 560px; max-width: 100%; border: 1px solid #8884; border-radius: 6px }
  circle { stroke: #0006; stroke-width: .5 } text { font-size: 13px; text-anchor: middle; fill: currentColor }
  dl { display: grid; grid-template-columns: auto auto; gap: .2rem 1.2rem; align-content: start; margin: 0 }
  dd { margin: 0; font-variant-numeric: tabular-nums }
  h2 { font-size: 1.1rem; margin: 2rem 0 0 } h2 i { display: inline-block; width: .8em; height: .8em; border-radius: 50%; margin-right: .5em }
  img { max-width: 100%; border-radius: 4px } section p { margin: 0 0 .4rem; opacity: .75 }
`;

/** One self-contained page: figures, map, pictures of every family. */
export function reportPage(facts: ReportFacts): string {
  const { run, labels, noiseFraction } = facts;
  const number = (value: number | null, digits = 3) =>
    value === null ? 'no labels' : value.toFixed(digits);
  const rows: readonly (readonly [string, string])[] = [
    ['Glitches', String(run.glitches.length)],
    ['Families', String(run.families.length)],
    ['Unassigned', `${(100 * noiseFraction).toFixed(1)} %`],
    ['Labelled', `${labels.labelled} (${labels.labels} labels)`],
    ['Purity', number(labels.purity)],
    ['Entropy (nats)', number(labels.entropy)],
    ['NMI with labels', number(labels.normalized_mutual_info)],
    ['ARI with labels', number(labels.adjusted_rand)],
  ];
  const list = rows.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('');
  const bySize = [...run.families].sort((a, b) => Number(b.nMembers - a.nMembers));
  const sections = [...bySize.map(({ familyId }) => familyId), -1]
    .filter((id) => run.glitches.some(({ assignment }) => assignment.familyId === id))
    .map((id) => familySection(id, facts));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Glitchwatch run</title><style>${style}</style></head><body>
<h1>Glitch families</h1><header>${mapSvg(run)}<dl>${list}</dl></header>
${sections.join('\n')}
</body></html>
`;
}
