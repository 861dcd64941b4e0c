import type { View } from '../state/selection.js';
import { boundsOf, Camera } from './camera.js';
import { type Flight, hasLanded, viewInFlight } from './flight.js';
import { listenToGestures } from './gestures.js';
import { MapCanvases } from './map-canvases.js';
import type {
  MapHighlight,
  MapLabel,
  MapListener,
  MapMark,
  MapPlace,
  MapPoints,
  MapStyle,
  MapView,
} from './map-view.js';
import { drawOverlay } from './overlay.js';
import { PointLayer } from './point-layer.js';
import { PointPicker } from './point-picker.js';
import { Pulses } from './pulses.js';

const noPoints: MapPoints = {
  size: 0,
  x: new Float32Array(0),
  y: new Float32Array(0),
  familyIds: new Int32Array(0),
};

/**
 * The map in plain WebGL 2 with a 2-D canvas over it. Draws only when something
 * has changed.
 *
 * @throws Error where the browser has no WebGL 2.
 */
export function createWebGlMapView(
  host: HTMLElement,
  style: MapStyle,
  listener: MapListener,
): MapView {
  return new WebGlMapView(host, style, listener);
}

class WebGlMapView implements MapView {
  private readonly camera = new Camera();
  private readonly layer: PointLayer;
  private readonly still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  private readonly pulses = new Pulses(this.still);
  private readonly canvases: MapCanvases;
  private readonly picker = new PointPicker();
  private readonly letGo: () => void;
  private points = noPoints;
  private labels: readonly MapLabel[] = [];
  private marks: readonly MapMark[] = [];
  private covered = 0;
  private selected: number | undefined;
  private hovered: number | undefined;
  private flight: Flight | undefined;
  private frame: number | undefined;
  private pointsDirty = true;

  constructor(
    private readonly host: HTMLElement,
    private style: MapStyle,
    private readonly listener: MapListener,
  ) {
    this.canvases = new MapCanvases(host, () => this.resize());
    this.layer = new PointLayer(this.canvases.gl);
    this.layer.setColours(this.points, style.colourOf);
    this.letGo = this.listen();
    this.resize();
  }

  setPoints(points: MapPoints): void {
    this.points = points;
    this.pulses.clear();
    this.hovered = undefined;
    this.picker.reset();
    const bounds = boundsOf(points);
    if (bounds !== undefined) this.camera.setBounds(bounds);
    this.layer.setPoints(points);
    this.redraw();
  }

  updatePoints(points: MapPoints, indices: readonly number[]): void {
    const moved = indices.some((i) => i < this.points.size);
    const first = this.points.size === 0;
    this.points = points;
    if (first) {
      this.setPoints(points);
      return;
    }
    if (moved) this.picker.reset();
    this.layer.updatePoints(points, indices);
    this.redraw();
  }

  pulse(indices: readonly number[]): void {
    this.pulses.add(indices, performance.now());
    this.redraw();
  }

  highlight(highlight: MapHighlight | undefined): void {
    this.layer.setHighlight(this.points, highlight);
    this.redraw();
  }

  select(index: number | undefined): void {
    this.selected = index;
    this.redraw();
  }

  setLabels(labels: readonly MapLabel[]): void {
    this.labels = labels;
    this.redraw();
  }

  setMarks(marks: readonly MapMark[]): void {
    this.marks = marks;
    this.redraw();
  }

  setStyle(style: MapStyle): void {
    this.style = style;
    this.layer.setColours(this.points, style.colourOf);
    this.redraw();
  }

  setView(view: View | undefined): void {
    this.flight = undefined;
    this.camera.setView(view);
    this.redraw();
  }

  setCovered(rightPx: number): void {
    this.covered = rightPx;
  }

  reveal(place: MapPlace): void {
    const { width, height } = this.camera.viewport;
    const px = this.camera.toScreenX(place.x);
    const py = this.camera.toScreenY(place.y);
    const inside = px > 24 && px < width - this.covered - 24 && py > 24 && py < height - 24;
    if (!inside) this.flyTo(place, 0);
  }

  flyTo(target: MapPlace, minZoom: number): void {
    const from = this.camera.current;
    const zoom = Math.max(from.zoom, minZoom);
    const aside = (this.covered / 2 / this.camera.scale) * (from.zoom / zoom);
    const to = { x: target.x + aside, y: target.y, zoom };
    if (this.still) {
      this.setView(to);
      this.listener.onView(this.camera.view);
      return;
    }
    this.flight = { from, to, startMs: performance.now() };
    this.redraw();
  }

  zoomBy(factor: number): void {
    const { width, height } = this.camera.viewport;
    this.flight = undefined;
    this.camera.zoomAt(factor, width / 2, height / 2);
    this.moved();
  }

  panBy(dxPx: number, dyPx: number): void {
    this.flight = undefined;
    this.camera.panBy(dxPx, dyPx);
    this.moved();
  }

  showAll(): void {
    this.flight = undefined;
    this.camera.showAll();
    this.moved();
  }

  destroy(): void {
    if (this.frame !== undefined) cancelAnimationFrame(this.frame);
    this.letGo();
    this.layer.destroy();
    this.canvases.destroy();
  }

  private moved(): void {
    this.redraw();
    this.listener.onView(this.camera.view);
  }

  private redraw(): void {
    this.pointsDirty = true;
    this.schedule();
  }

  private schedule(): void {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.drawFrame(performance.now());
    });
  }

  private drawFrame(nowMs: number): void {
    this.advanceFlight(nowMs);
    const pixelRatio = window.devicePixelRatio;
    if (this.pointsDirty) this.layer.draw(this.camera, pixelRatio);
    this.pointsDirty = false;
    const pulses = this.pulses.at(nowMs);
    const { context } = this.canvases;
    context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
    drawOverlay(context, {
      camera: this.camera,
      points: this.points,
      style: this.style,
      labels: this.labels,
      marks: this.marks,
      pulses,
      selected: this.selected,
      hovered: this.hovered,
      nowMs,
    });
    // Rings move without the points: a burst costs one canvas, not the whole map.
    if (pulses.length > 0 || this.flight !== undefined) this.schedule();
  }

  private advanceFlight(nowMs: number): void {
    if (this.flight === undefined) return;
    this.camera.setView(viewInFlight(this.flight, nowMs));
    this.pointsDirty = true;
    if (!hasLanded(this.flight, nowMs)) return;
    this.flight = undefined;
    this.listener.onView(this.camera.view);
  }

  private resize(): void {
    const { width, height } = this.canvases.fit();
    this.camera.resize(width, height);
    this.redraw();
  }

  private pick(px: number, py: number): number | undefined {
    return this.picker.pick(this.points, this.camera, px, py);
  }

  private hover(index: number | undefined, clientX: number, clientY: number): void {
    if (index !== this.hovered) {
      this.hovered = index;
      this.schedule();
    }
    this.host.classList.toggle('over-point', index !== undefined);
    this.listener.onHover(index, clientX, clientY);
  }

  private listen(): () => void {
    return listenToGestures(this.canvases.over, {
      onPan: (dx, dy) => {
        this.flight = undefined;
        this.hover(undefined, 0, 0);
        this.camera.panBy(dx, dy);
        this.redraw();
      },
      onZoom: (factor, px, py) => {
        this.flight = undefined;
        this.hover(undefined, 0, 0);
        this.camera.zoomAt(factor, px, py);
        this.redraw();
      },
      onMove: (px, py, event) => this.hover(this.pick(px, py), event.clientX, event.clientY),
      onLeave: () => this.hover(undefined, 0, 0),
      onTap: (px, py) => this.listener.onClick(this.pick(px, py)),
      onDoubleTap: (px, py) => {
        this.camera.zoomAt(2, px, py);
        this.moved();
      },
      onEnd: () => this.listener.onView(this.camera.view),
    });
  }
}
