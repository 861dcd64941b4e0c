import type { Rgb } from '../colour/family-colour.js';
import type { View } from '../state/selection.js';

/** Columns of the points; the map reads the first `size` and keeps no copy of its own. */
export interface MapPoints {
  readonly size: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly familyIds: Int32Array;
}

export interface MapPlace {
  readonly x: number;
  readonly y: number;
}

export interface MapHighlight {
  readonly includes: (index: number) => boolean;
  readonly colour?: Rgb | undefined;
}

/** A word on the map, in map units. */
export interface MapLabel {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly strong: boolean;
  readonly dim: boolean;
}

/** A place where something new has appeared. */
export interface MapMark {
  readonly x: number;
  readonly y: number;
  /** How far its members reach, in map units. */
  readonly reach: number;
  readonly text: string;
  readonly strong: boolean;
}

export interface MapStyle {
  readonly colourOf: (familyId: number) => Rgb;
  /** CSS colours of what is drawn over the points. */
  readonly ink: string;
  readonly halo: string;
  readonly alert: string;
  readonly graticule: string;
  readonly isLight: boolean;
}

export interface MapListener {
  /** Undefined: over no point. Coordinates are the pointer's on the page. */
  onHover(index: number | undefined, clientX: number, clientY: number): void;
  onClick(index: number | undefined): void;
  /** Undefined: the whole map. Told when a person has moved the camera or a flight has ended. */
  onView(view: View | undefined): void;
}

/**
 * The map of points, whatever draws it. Promises: adding points never moves the
 * camera; a highlight dims the rest and hides nothing; indices mean rows of the
 * columns last given to `setPoints`.
 */
export interface MapView {
  /** Everything anew, after a refit too. The camera stays unless it showed the whole map. */
  setPoints(points: MapPoints): void;
  /** Rows that were added or moved; the rest is as before. */
  updatePoints(points: MapPoints, indices: readonly number[]): void;
  /** Rings that fade, around points that have just come. */
  pulse(indices: readonly number[]): void;
  /** Undefined: nothing is dimmed. A colour replaces the families' for what is highlighted. */
  highlight(highlight: MapHighlight | undefined): void;
  select(index: number | undefined): void;
  setLabels(labels: readonly MapLabel[]): void;
  setMarks(marks: readonly MapMark[]): void;
  setStyle(style: MapStyle): void;
  setView(view: View | undefined): void;
  /** Into the middle of what is not covered. */
  flyTo(target: MapPlace, minZoom: number): void;
  /** Moves the camera only if the place is covered or outside. */
  reveal(place: MapPlace): void;
  /** A panel covers this much of the right edge. */
  setCovered(rightPx: number): void;
  zoomBy(factor: number): void;
  panBy(dxPx: number, dyPx: number): void;
  showAll(): void;
  destroy(): void;
}
