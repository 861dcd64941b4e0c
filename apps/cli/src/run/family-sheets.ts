import type { EventLog } from '@glitchwatch/event-log';
import { Glitch, topics } from '@glitchwatch/proto';
import {
  type ContactSheetItem,
  decodeGrid,
  renderContactSheet,
  type SpectrogramGrid,
} from '@glitchwatch/spectrogram';
import type { CollectedRun } from './collect.js';

const picturesPerFamily = 8;
/** Long enough to show a train of blips, short enough to show one of them. */
const preferredWindowSec = 1;

/** The grids of the wanted glitches, the window nearest to one second of each. */
async function readGrids(
  log: EventLog,
  wanted: ReadonlySet<string>,
): Promise<Map<string, SpectrogramGrid>> {
  const grids = new Map<string, SpectrogramGrid>();
  const { signal } = new AbortController();
  const options = { topic: topics.triggers, from: 'earliest', signal, stopAtEnd: true } as const;
  for await (const { records } of log.tail(options)) {
    for (const { key, value } of records) {
      if (key === undefined || !wanted.has(key)) continue;
      const distance = (sec: number) => Math.abs(Math.log(sec / preferredWindowSec));
      const [best] = Glitch.decode(value).windows.toSorted(
        (a, b) => distance(a.windowSec) - distance(b.windowSec),
      );
      if (best) grids.set(key, decodeGrid(best.data, best.nFrequency, best.nTime));
    }
  }
  return grids;
}

/** Members to show of each family, its exemplars first; -1 is the unassigned. */
function membersToShow({ glitches, families }: CollectedRun): Map<number, string[]> {
  const shown = new Map<number, string[]>();
  for (const { familyId, exemplarGlitchIds } of families) {
    shown.set(familyId, exemplarGlitchIds.slice(0, picturesPerFamily));
  }
  for (const { assignment } of glitches) {
    const list = shown.get(assignment.familyId) ?? [];
    if (list.length < picturesPerFamily && !list.includes(assignment.glitchId)) {
      shown.set(assignment.familyId, [...list, assignment.glitchId]);
    }
  }
  return shown;
}

/** A contact sheet as PNG for each family that has a picture to show. */
export async function familySheets(
  log: EventLog,
  run: CollectedRun,
): Promise<ReadonlyMap<number, Uint8Array>> {
  const shown = membersToShow(run);
  const grids = await readGrids(log, new Set([...shown.values()].flat()));
  const triggers = new Map(
    run.glitches.map(({ assignment }) => [assignment.glitchId, assignment.trigger]),
  );
  const sheets = new Map<number, Uint8Array>();
  for (const [familyId, glitchIds] of shown) {
    const items = glitchIds.flatMap((glitchId): ContactSheetItem[] => {
      const grid = grids.get(glitchId);
      const trigger = triggers.get(glitchId);
      const caption = `${trigger?.ifo ?? ''} ${trigger?.externalId || glitchId.slice(0, 10)}`;
      return grid ? [{ grid, caption, detail: trigger?.label ?? '' }] : [];
    });
    if (items.length > 0) sheets.set(familyId, await renderContactSheet(items));
  }
  return sheets;
}
