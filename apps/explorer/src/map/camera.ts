import type { View } from '../state/selection.js';

export interface Bounds {
  readonly minX: number;
  readonly maxX: number;
  readonly minY: number;
  readonly maxY: number;
}

/** Pixels kept free around the whole map, for what floats over it. */
const PADDING = { top: 84, right: 40, bottom: 60, left: 64 } as const;
const MIN_ZOOM = 0.4;
const MAX_ZOOM = 400;

/**
 * Looks at a plane: a centre in map units and a zoom, where 1 fits the bounds
 * into the viewport. Both axes have one scale; y points up.
 */
export class Camera {
  private width = 1;
  private height = 1;
  private bounds: Bounds = { minX: -1, maxX: 1, minY: -1, maxY: 1 };
  private x = 0;
  private y = 0;
  private zoom = 1;
  /** Shows the whole map, and keeps doing so when the map grows. */
  private whole = true;

  get view(): View | undefined {
    return this.whole ? undefined : { x: this.x, y: this.y, zoom: this.zoom };
  }

  get current(): View {
    return { x: this.x, y: this.y, zoom: this.zoom };
  }

  get viewport(): { readonly width: number; readonly height: number } {
    return { width: this.width, height: this.height };
  }

  /** Pixels per map unit. */
  get scale(): number {
    const { minX, maxX, minY, maxY } = this.bounds;
    const width = Math.max(this.width - PADDING.left - PADDING.right, this.width / 2);
    const height = Math.max(this.height - PADDING.top - PADDING.bottom, this.height / 2);
    const spanX = Math.max(maxX - minX, 1e-6);
    const spanY = Math.max(maxY - minY, 1e-6);
    return this.zoom * Math.min(width / spanX, height / spanY);
  }

  resize(width: number, height: number): void {
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
    if (this.whole) this.showAll();
  }

  /** The scale of zoom 1 changes; what is on screen stays where it is, unless all was shown. */
  setBounds(bounds: Bounds): void {
    const before = this.scale;
    this.bounds = bounds;
    if (this.whole) this.showAll();
    else this.zoom *= before / this.scale;
  }

  showAll(): void {
    this.whole = true;
    this.zoom = 1;
    const asideX = (PADDING.right - PADDING.left) / 2 / this.scale;
    const asideY = (PADDING.top - PADDING.bottom) / 2 / this.scale;
    this.x = (this.bounds.minX + this.bounds.maxX) / 2 + asideX;
    this.y = (this.bounds.minY + this.bounds.maxY) / 2 + asideY;
  }

  setView(view: View | undefined): void {
    if (view === undefined) {
      this.showAll();
      return;
    }
    this.whole = false;
    this.x = view.x;
    this.y = view.y;
    this.zoom = clamp(view.zoom, MIN_ZOOM, MAX_ZOOM);
  }

  panBy(dxPx: number, dyPx: number): void {
    this.setView({
      x: this.x - dxPx / this.scale,
      y: this.y + dyPx / this.scale,
      zoom: this.zoom,
    });
  }

  /** Zooms so that the map under (px, py) stays under it. */
  zoomAt(factor: number, px: number, py: number): void {
    const anchor = this.toMap(px, py);
    this.setView({ ...this.current, zoom: this.zoom * factor });
    const moved = this.toMap(px, py);
    this.x += anchor.x - moved.x;
    this.y += anchor.y - moved.y;
  }

  toScreenX(x: number): number {
    return this.width / 2 + (x - this.x) * this.scale;
  }

  toScreenY(y: number): number {
    return this.height / 2 - (y - this.y) * this.scale;
  }

  toMap(px: number, py: number): { readonly x: number; readonly y: number } {
    return {
      x: this.x + (px - this.width / 2) / this.scale,
      y: this.y - (py - this.height / 2) / this.scale,
    };
  }
}

export function boundsOf(points: {
  readonly size: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
}): Bounds | undefined {
  if (points.size === 0) return undefined;
  let minX = Number.POSITIVE_INFINITY;
  let maxX = Number.NEGATIVE_INFINITY;
  let minY = Number.POSITIVE_INFINITY;
  let maxY = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < points.size; i++) {
    const x = points.x[i]!;
    const y = points.y[i]!;
    if (x < minX) minX = x;
    if (x > maxX) maxX = x;
    if (y < minY) minY = y;
    if (y > maxY) maxY = y;
  }
  // One point, or all in one place, still needs a picture with an extent.
  const pad = Math.max(maxX - minX, maxY - minY) < 1e-3 ? 1 : 0;
  return { minX: minX - pad, maxX: maxX + pad, minY: minY - pad, maxY: maxY + pad };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
