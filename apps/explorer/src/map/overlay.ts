import type { Camera } from './camera.js';
import type { MapLabel, MapMark, MapPoints, MapStyle } from './map-view.js';
import type { Pulse } from './pulses.js';

const FONT = "'Inter', 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans Condensed', sans-serif";

export interface OverlayScene {
  readonly camera: Camera;
  readonly points: MapPoints;
  readonly style: MapStyle;
  readonly labels: readonly MapLabel[];
  readonly marks: readonly MapMark[];
  readonly pulses: readonly Pulse[];
  readonly selected: number | undefined;
  readonly hovered: number | undefined;
  readonly nowMs: number;
}

/** What lies over the points: graticule, names of families, pulses, rings, alert marks. */
export function drawOverlay(context: CanvasRenderingContext2D, scene: OverlayScene): void {
  const { width, height } = scene.camera.viewport;
  context.clearRect(0, 0, width, height);
  drawGraticule(context, scene);
  for (const pulse of scene.pulses) drawPulse(context, scene, pulse);
  drawRing(context, scene, scene.hovered, 6, 1.25);
  drawRing(context, scene, scene.selected, 8, 2);
  drawLabels(context, scene);
  for (const mark of scene.marks) drawMark(context, scene, mark);
}

/** Faint crosses at round coordinates: the eye sees that the camera moved. */
function drawGraticule(context: CanvasRenderingContext2D, { camera, style }: OverlayScene): void {
  const { width, height } = camera.viewport;
  const step = roundStep(140 / camera.scale);
  const low = camera.toMap(0, height);
  const high = camera.toMap(width, 0);
  context.strokeStyle = style.graticule;
  context.lineWidth = 1;
  context.beginPath();
  for (let x = Math.ceil(low.x / step) * step; x <= high.x; x += step) {
    for (let y = Math.ceil(low.y / step) * step; y <= high.y; y += step) {
      const px = Math.round(camera.toScreenX(x)) + 0.5;
      const py = Math.round(camera.toScreenY(y)) + 0.5;
      context.moveTo(px - 3, py);
      context.lineTo(px + 3, py);
      context.moveTo(px, py - 3);
      context.lineTo(px, py + 3);
    }
  }
  context.stroke();
}

/** 1, 2 or 5 times a power of ten. */
function roundStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  const digit = atLeast / power;
  return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

function drawPulse(context: CanvasRenderingContext2D, scene: OverlayScene, pulse: Pulse): void {
  const { camera, points, style } = scene;
  const age = (scene.nowMs - pulse.startMs) / pulse.lengthMs;
  if (age < 0 || age > 1 || pulse.index >= points.size) return;
  const x = camera.toScreenX(points.x[pulse.index]!);
  const y = camera.toScreenY(points.y[pulse.index]!);
  const eased = 1 - (1 - age) ** 3;
  const [r, g, b] = style.colourOf(points.familyIds[pulse.index]!);
  context.strokeStyle = `rgba(${r}, ${g}, ${b}, ${(0.9 * (1 - age)).toFixed(3)})`;
  context.lineWidth = 1.75;
  context.beginPath();
  context.arc(x, y, 4 + (pulse.still ? 5 : 20 * eased), 0, 2 * Math.PI);
  context.stroke();
}

function drawRing(
  context: CanvasRenderingContext2D,
  { camera, points, style }: OverlayScene,
  index: number | undefined,
  radius: number,
  lineWidth: number,
): void {
  if (index === undefined || index >= points.size) return;
  const x = camera.toScreenX(points.x[index]!);
  const y = camera.toScreenY(points.y[index]!);
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.strokeStyle = style.halo;
  context.lineWidth = lineWidth + 3;
  context.stroke();
  context.strokeStyle = style.ink;
  context.lineWidth = lineWidth;
  context.stroke();
}

function drawLabels(context: CanvasRenderingContext2D, scene: OverlayScene): void {
  const { camera, style } = scene;
  const { width, height } = camera.viewport;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  const taken: { x: number; y: number; half: number }[] = [];
  for (const label of scene.labels) {
    const x = camera.toScreenX(label.x);
    const y = camera.toScreenY(label.y);
    if (x < 0 || y < 0 || x > width || y > height) continue;
    context.font = `${label.strong ? 700 : 600} ${label.strong ? 15 : 12.5}px ${FONT}`;
    const half = context.measureText(label.text).width / 2 + 4;
    const covered = taken.some(
      (other) => Math.abs(other.x - x) < other.half + half && Math.abs(other.y - y) < 16,
    );
    // Labels come most important first; a covered one shows after zooming in.
    if (covered && !label.strong) continue;
    taken.push({ x, y, half });
    context.strokeStyle = style.halo;
    context.lineWidth = 4;
    context.strokeText(label.text, x, y);
    context.globalAlpha = label.dim ? 0.4 : 1;
    context.fillStyle = style.ink;
    context.fillText(label.text, x, y);
    context.globalAlpha = 1;
  }
}

function drawMark(context: CanvasRenderingContext2D, scene: OverlayScene, mark: MapMark): void {
  const { camera, style } = scene;
  const x = camera.toScreenX(mark.x);
  const y = camera.toScreenY(mark.y);
  const half = Math.max(22, mark.reach * camera.scale + 14);
  context.strokeStyle = style.alert;
  context.lineWidth = mark.strong ? 2 : 1.5;
  // Corners of a square on its tip: a shape that no point has.
  context.beginPath();
  for (const [dx, dy] of [
    [0, -1],
    [1, 0],
    [0, 1],
    [-1, 0],
  ] as const) {
    const cx = x + dx * half;
    const cy = y + dy * half;
    const arm = 9;
    context.moveTo(cx - (dx + dy) * arm, cy + (dx - dy) * arm);
    context.lineTo(cx, cy);
    context.lineTo(cx + (dy - dx) * arm, cy - (dx + dy) * arm);
  }
  context.stroke();
  context.font = `700 12px ${FONT}`;
  const textWidth = context.measureText(mark.text).width;
  const top = y - half - 25;
  context.fillStyle = style.alert;
  roundedBox(context, x - textWidth / 2 - 8, top, textWidth + 16, 20, 10);
  context.fillStyle = '#1a1204';
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(mark.text, x, top + 10.5);
}

function roundedBox(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  radius: number,
): void {
  context.beginPath();
  context.roundRect(x, y, width, height, radius);
  context.fill();
}
