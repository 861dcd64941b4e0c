import { decodeGrid, renderScanSheet } from '@glitchwatch/spectrogram';
import type { ExplainedGlitch } from './explained-glitch.js';

/** The glitch's windows as a PNG: what does nothing for its likeness is dark, what does most is framed. */
export function explanationSheet(explained: ExplainedGlitch): Promise<Uint8Array> {
  const { glitch, explanation, heldAgainst } = explained;
  const greatest = Math.max(1e-9, ...explanation.windows.flatMap(({ importances }) => importances));
  const windows = glitch.windows.map(({ windowSec, data, nFrequency, nTime }) => {
    const found = explanation.windows.find((window) => window.windowSec === windowSec);
    return {
      windowSec,
      grid: decodeGrid(data, nFrequency, nTime),
      tiles: found && {
        rows: found.rows,
        columns: found.columns,
        shares: found.importances.map((importance) => importance / greatest),
      },
    };
  });
  const { trigger } = glitch;
  const name = trigger?.externalId || trigger?.glitchId.slice(0, 8) || 'glitch';
  const likeness = `similarity ${explanation.similarity.toFixed(3)} to ${heldAgainst}`;
  return renderScanSheet(windows, `${trigger?.ifo ?? ''} ${name}: ${likeness}`);
}
