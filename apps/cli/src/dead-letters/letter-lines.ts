import type { LetterView } from './letter-view.js';
import type { TopicSummary } from './topic-summary.js';

export const utc = (ms: number): string =>
  new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');

/** One row a topic; counts by code behind it. */
export function summaryLines(summaries: readonly TopicSummary[]): string[] {
  const width = Math.max(5, ...summaries.map(({ topic }) => topic.length));
  const head = `${'topic'.padEnd(width)}  letters  replayed  newest                codes`;
  const rows = summaries.map(({ topic, count, replayed, newestMs, codes }) => {
    const newest = newestMs === null ? '-' : utc(newestMs);
    const byCode = Object.entries(codes).map(([code, n]) => `${code} ${n}`);
    return [
      topic.padEnd(width),
      String(count).padStart(7),
      String(replayed).padStart(8),
      newest.padEnd(20),
      byCode.join(', ') || '-',
    ].join('  ');
  });
  return [head, ...rows];
}

/** A letter as a paragraph. */
export function letterLines(view: LetterView): string[] {
  const { decoded, origin, replayed } = view;
  const glitch = [
    decoded.glitchId === null ? undefined : `glitch ${decoded.glitchId}`,
    decoded.ifo ?? undefined,
    decoded.externalId === null ? undefined : `external id ${decoded.externalId}`,
    decoded.peakGpsNs === null ? undefined : `peak GPS ${decoded.peakGpsNs} ns`,
  ].filter((part) => part !== undefined);
  const schema = decoded.schema ?? 'unknown message';
  const own = Object.entries(view.headers).map(([name, value]) => `${name}=${value}`);
  return [
    `offset ${view.offset}  ${utc(view.atMs)}  ${view.code}  ${view.tries === 1 ? '1 try' : `${view.tries} tries`}`,
    `  ${view.message}`,
    `  origin   ${origin === null ? 'refused before it was in the log' : `${origin.topic}, partition ${origin.partition}, offset ${origin.offset}`}`,
    `  message  ${schema}, ${view.valueBytes} bytes${decoded.decodes ? '' : ', does not decode'}${view.key === null ? '' : `, key ${view.key}`}`,
    ...(glitch.length === 0 ? [] : [`  glitch   ${glitch.join(', ').replace(/^glitch /, '')}`]),
    ...(own.length === 0 ? [] : [`  headers  ${own.join(', ')}`]),
    ...(replayed === null ? [] : [`  replayed ${utc(replayed.atMs)} to ${replayed.to}`]),
  ];
}
