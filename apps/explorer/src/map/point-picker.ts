import { boundsOf, type Camera } from './camera.js';
import type { MapPoints } from './map-view.js';
import { PointGrid } from './point-grid.js';

const PICK_RADIUS_PX = 9;

/** Which point lies under the pointer; its grid is made at the first question. */
export class PointPicker {
  private grid: PointGrid | undefined;

  /** Forgets where points lay; needed when one has moved, not when some were added. */
  reset(): void {
    this.grid = undefined;
  }

  /** Index of the nearest point within reach of a place on the screen. */
  pick(points: MapPoints, camera: Camera, px: number, py: number): number | undefined {
    if (points.size === 0) return undefined;
    if (this.grid === undefined) {
      const bounds = boundsOf(points);
      if (bounds === undefined) return undefined;
      this.grid = new PointGrid(bounds, points.size);
    }
    this.grid.extend(points);
    const { x, y } = camera.toMap(px, py);
    return this.grid.nearest(points, x, y, PICK_RADIUS_PX / camera.scale);
  }
}
