import type { View } from '../state/selection.js';

const LENGTH_MS = 420;

/** The camera's way from one view to another; zoom changes at an even pace to the eye. */
export interface Flight {
  readonly from: View;
  readonly to: View;
  readonly startMs: number;
}

export function viewInFlight(flight: Flight, nowMs: number): View {
  const t = Math.min(1, Math.max(0, (nowMs - flight.startMs) / LENGTH_MS));
  const eased = t * t * (3 - 2 * t);
  const { from, to } = flight;
  return {
    x: from.x + (to.x - from.x) * eased,
    y: from.y + (to.y - from.y) * eased,
    zoom: from.zoom * (to.zoom / from.zoom) ** eased,
  };
}

export function hasLanded(flight: Flight, nowMs: number): boolean {
  return nowMs - flight.startMs >= LENGTH_MS;
}
