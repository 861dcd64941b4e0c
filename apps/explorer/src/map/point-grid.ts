import type { Bounds } from './camera.js';

interface Coordinates {
  readonly size: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/**
 * Finds the point nearest to the pointer: a uniform grid of linked lists, so that
 * a new point costs one step and nothing is rebuilt while glitches come in.
 */
export class PointGrid {
  private readonly side: number;
  private readonly first: Int32Array;
  private next: Int32Array;
  private readonly cell: number;
  private known = 0;

  constructor(
    private readonly bounds: Bounds,
    expected: number,
  ) {
    this.side = Math.min(1024, Math.max(16, Math.ceil(Math.sqrt(expected / 2))));
    this.first = new Int32Array(this.side * this.side).fill(-1);
    this.next = new Int32Array(Math.max(256, expected * 2)).fill(-1);
    const span = Math.max(bounds.maxX - bounds.minX, bounds.maxY - bounds.minY, 1e-9);
    this.cell = span / this.side;
  }

  /** Takes in rows that it has not seen; rows that have moved need a new grid. */
  extend(points: Coordinates): void {
    if (points.size > this.next.length) {
      const bigger = new Int32Array(points.size * 2).fill(-1);
      bigger.set(this.next);
      this.next = bigger;
    }
    for (let i = this.known; i < points.size; i++) {
      const at = this.row(points.y[i]!) * this.side + this.column(points.x[i]!);
      this.next[i] = this.first[at]!;
      this.first[at] = i;
    }
    this.known = Math.max(this.known, points.size);
  }

  nearest(points: Coordinates, x: number, y: number, radius: number): number | undefined {
    const left = this.column(x - radius);
    const right = this.column(x + radius);
    const low = this.row(y - radius);
    const high = this.row(y + radius);
    let best: number | undefined;
    let bestSquared = radius * radius;
    for (let row = low; row <= high; row++) {
      for (let column = left; column <= right; column++) {
        let i = this.first[row * this.side + column]!;
        while (i >= 0) {
          const dx = points.x[i]! - x;
          const dy = points.y[i]! - y;
          const squared = dx * dx + dy * dy;
          if (squared <= bestSquared) {
            bestSquared = squared;
            best = i;
          }
          i = this.next[i]!;
        }
      }
    }
    return best;
  }

  /** Points outside the bounds lie in the cells at the rim. */
  private column(x: number): number {
    return this.inside(Math.floor((x - this.bounds.minX) / this.cell));
  }

  private row(y: number): number {
    return this.inside(Math.floor((y - this.bounds.minY) / this.cell));
  }

  private inside(i: number): number {
    return i < 0 ? 0 : i >= this.side ? this.side - 1 : i;
  }
}
