import { WINDOWS_SEC } from './grid.js';

/** What the name of a Gravity Spy picture says. */
export interface PictureName {
  /** Detector, such as H1. */
  readonly ifo: string;
  /** Gravity Spy id of the glitch. */
  readonly externalId: string;
  readonly windowSec: number;
}

const NAME = /^(?<ifo>[A-Z][0-9])_(?<id>.+)_spectrogram_(?<window>\d+(?:\.\d+)?)\.png$/i;

/**
 * Reads `{ifo}_{id}_spectrogram_{window}.png`, as in
 * `H1_0Sug0tqkoL_spectrogram_0.5.png`; folders before the name are ignored.
 * undefined for any other name, or a window that is not 0.5, 1, 2 or 4 s.
 */
export function parseGravitySpyFileName(name: string): PictureName | undefined {
  const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  const groups = NAME.exec(base)?.groups;
  if (!groups) return undefined;
  const windowSec = Number(groups.window);
  if (!WINDOWS_SEC.includes(windowSec)) return undefined;
  return { ifo: groups.ifo!.toUpperCase(), externalId: groups.id!, windowSec };
}

/** The name Gravity Spy gives a picture: the inverse of `parseGravitySpyFileName`. */
export function gravitySpyFileName({ ifo, externalId, windowSec }: PictureName): string {
  return `${ifo}_${externalId}_spectrogram_${windowSec < 1 ? windowSec : windowSec.toFixed(1)}.png`;
}

/** The pictures of one glitch, shortest window first. */
export interface GlitchPictures {
  readonly ifo: string;
  readonly externalId: string;
  readonly windows: readonly { readonly windowSec: number; readonly file: string }[];
}

export interface GroupedWindows {
  /** In the order in which each glitch first appeared. */
  readonly glitches: readonly GlitchPictures[];
  /** Files that repeat a window already seen; the first one was kept. */
  readonly duplicates: readonly string[];
  /** Files whose names are not of the Gravity Spy form. */
  readonly unrecognised: readonly string[];
}

/**
 * Brings the windows of each glitch together. A glitch is its detector and id,
 * whatever folder its pictures lie in. No file is lost: each is in exactly one
 * of the three lists.
 */
export function groupWindows(files: readonly string[]): GroupedWindows {
  const byGlitch = new Map<string, { name: PictureName; windows: Map<number, string> }>();
  const duplicates: string[] = [];
  const unrecognised: string[] = [];
  for (const file of files) {
    const name = parseGravitySpyFileName(file);
    if (!name) {
      unrecognised.push(file);
      continue;
    }
    const key = `${name.ifo}_${name.externalId}`;
    const glitch = byGlitch.get(key) ?? { name, windows: new Map<number, string>() };
    byGlitch.set(key, glitch);
    if (glitch.windows.has(name.windowSec)) duplicates.push(file);
    else glitch.windows.set(name.windowSec, file);
  }
  const glitches = [...byGlitch.values()].map(({ name, windows }) => ({
    ifo: name.ifo,
    externalId: name.externalId,
    windows: [...windows]
      .map(([windowSec, file]) => ({ windowSec, file }))
      .sort((a, b) => a.windowSec - b.windowSec),
  }));
  return { glitches, duplicates, unrecognised };
}
