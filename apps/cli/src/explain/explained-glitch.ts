import type { Explanation, Glitch, WindowImportance } from '@glitchwatch/proto';

/** A glitch with what makes it like others. */
export interface ExplainedGlitch {
  readonly glitch: Glitch;
  readonly explanation: Explanation;
  /** Of the glitches it was held against. */
  readonly references: readonly string[];
  /** What they are, for people: "family 3", "its nearest glitches". */
  readonly heldAgainst: string;
}

export interface ImportantTile {
  readonly windowSec: number;
  readonly lowHz: number;
  readonly highHz: number;
  readonly fromSec: number;
  readonly toSec: number;
  /** Similarity lost when it is hidden. */
  readonly importance: number;
}

const LOW_HZ = 10;
const HIGH_HZ = 2048;

function tileOf({ rows, columns, windowSec, importances }: WindowImportance, i: number) {
  const [row, column] = [Math.floor(i / columns), i % columns];
  const hz = (edge: number) => HIGH_HZ * (LOW_HZ / HIGH_HZ) ** (edge / rows);
  const sec = (edge: number) => (edge / columns - 0.5) * windowSec;
  return {
    windowSec,
    lowHz: hz(row + 1),
    highHz: hz(row),
    fromSec: sec(column),
    toSec: sec(column + 1),
    importance: importances[i] ?? 0,
  };
}

/** Those that matter most, over all windows, greatest first. */
export function mostImportant({ windows }: Explanation, count: number): ImportantTile[] {
  return windows
    .flatMap((window) => window.importances.map((_, i) => tileOf(window, i)))
    .sort((a, b) => b.importance - a.importance)
    .slice(0, count);
}
