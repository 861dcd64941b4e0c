import type { WindowImportance } from '../data/messages.js';

const LOW_HZ = 10;
const HIGH_HZ = 2048;

/** Where a tile lies: "105 to 204 Hz, -0.06 to 0 s". */
export function bandText({ rows, columns, windowSec }: WindowImportance, tile: number): string {
  const row = Math.floor(tile / columns);
  const column = tile % columns;
  const hz = (edge: number) => Math.round(HIGH_HZ * (LOW_HZ / HIGH_HZ) ** (edge / rows));
  const sec = (edge: number) => {
    const text = String(Number(((edge / columns - 0.5) * windowSec).toPrecision(2)));
    return text.replace('-', '\u2212');
  };
  return `${hz(row + 1)} to ${hz(row)} Hz, ${sec(column)} to ${sec(column + 1)} s`;
}

/** The tile that matters most in any window, and how much. */
export function greatestTile(windows: readonly WindowImportance[]): {
  readonly window: WindowImportance | undefined;
  readonly tile: number;
  readonly importance: number;
} {
  let greatest: ReturnType<typeof greatestTile> = { window: undefined, tile: 0, importance: 0 };
  for (const window of windows) {
    window.importances.forEach((importance, tile) => {
      if (importance > greatest.importance) greatest = { window, tile, importance };
    });
  }
  return greatest;
}
