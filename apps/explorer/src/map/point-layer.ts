import type { Rgb } from '../colour/family-colour.js';
import { UNASSIGNED } from '../data/messages.js';
import type { Camera } from './camera.js';
import type { MapHighlight, MapPoints } from './map-view.js';
import { createProgram } from './webgl-program.js';

const vertexShader = `#version 300 es
uniform vec2 u_centre;
uniform vec2 u_scale;
uniform float u_size;
uniform float u_layer;
in vec2 a_position;
in vec4 a_style;
out vec4 v_colour;
const float sizes[4] = float[4](0.85, 0.8, 1.0, 1.25);
const float alphas[4] = float[4](0.16, 0.5, 0.86, 1.0);
void main() {
  float layer = floor(a_style.a * 255.0 + 0.5);
  if (layer != u_layer) {
    gl_Position = vec4(2.0, 2.0, 0.0, 1.0);
    gl_PointSize = 0.0;
    return;
  }
  int i = int(layer);
  gl_Position = vec4((a_position - u_centre) * u_scale, 0.0, 1.0);
  gl_PointSize = u_size * sizes[i] + 1.0;
  v_colour = vec4(a_style.rgb, alphas[i]);
}`;

const fragmentShader = `#version 300 es
precision highp float;
in vec4 v_colour;
out vec4 colour;
uniform float u_size;
void main() {
  float d = length(gl_PointCoord - 0.5) * 2.0;
  float edge = 2.0 / (u_size + 1.0);
  float alpha = v_colour.a * (1.0 - smoothstep(1.0 - edge, 1.0, d));
  if (alpha < 0.004) discard;
  colour = vec4(v_colour.rgb * alpha, alpha);
}`;

/** Drawn in this order, so that what matters lies on top. */
const layers = { dimmed: 0, unassigned: 1, family: 2, highlighted: 3 } as const;

/**
 * The points themselves, in WebGL 2: 12 bytes each on the card, drawn in one call
 * per layer. New points are written behind the old ones; nothing is sent twice.
 */
export class PointLayer {
  private readonly program: WebGLProgram;
  private readonly positions: WebGLBuffer;
  private readonly styles: WebGLBuffer;
  private readonly array: WebGLVertexArrayObject;
  private readonly uniform: (name: string) => WebGLUniformLocation | null;
  private capacity = 0;
  private size = 0;
  private xy = new Float32Array(0);
  private style = new Uint8Array(0);
  private colourOf: (familyId: number) => Rgb = () => [128, 128, 128];
  private highlight: MapHighlight | undefined;

  constructor(private readonly gl: WebGL2RenderingContext) {
    this.program = createProgram(gl, vertexShader, fragmentShader);
    this.positions = gl.createBuffer();
    this.styles = gl.createBuffer();
    this.array = gl.createVertexArray();
    const { program } = this;
    this.uniform = (name) => gl.getUniformLocation(program, name);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  setColours(points: MapPoints, colourOf: (familyId: number) => Rgb): void {
    this.colourOf = colourOf;
    this.restyle(points);
  }

  setHighlight(points: MapPoints, highlight: MapHighlight | undefined): void {
    this.highlight = highlight;
    this.restyle(points);
  }

  setPoints(points: MapPoints): void {
    this.allocate(points.size);
    this.size = points.size;
    for (let i = 0; i < points.size; i++) this.write(points, i);
    this.upload(0, points.size);
  }

  updatePoints(points: MapPoints, indices: readonly number[]): void {
    if (points.size > this.capacity) {
      this.setPoints(points);
      return;
    }
    this.size = points.size;
    let from = Number.POSITIVE_INFINITY;
    let to = 0;
    for (const i of indices) {
      this.write(points, i);
      from = Math.min(from, i);
      to = Math.max(to, i + 1);
    }
    if (from < to) this.upload(from, to);
  }

  draw(camera: Camera, pixelRatio: number): void {
    const { gl } = this;
    const { width, height } = camera.viewport;
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (this.size === 0) return;
    gl.useProgram(this.program);
    gl.bindVertexArray(this.array);
    const view = camera.current;
    gl.uniform2f(this.uniform('u_centre'), view.x, view.y);
    gl.uniform2f(this.uniform('u_scale'), (2 * camera.scale) / width, (2 * camera.scale) / height);
    gl.uniform1f(this.uniform('u_size'), pointSizePx(this.size, view.zoom) * pixelRatio);
    for (const layer of Object.values(layers)) {
      gl.uniform1f(this.uniform('u_layer'), layer);
      gl.drawArrays(gl.POINTS, 0, this.size);
    }
    gl.bindVertexArray(null);
  }

  destroy(): void {
    const { gl } = this;
    gl.deleteBuffer(this.positions);
    gl.deleteBuffer(this.styles);
    gl.deleteVertexArray(this.array);
    gl.deleteProgram(this.program);
  }

  private restyle(points: MapPoints): void {
    for (let i = 0; i < this.size; i++) this.write(points, i);
    this.upload(0, this.size);
  }

  private write(points: MapPoints, i: number): void {
    const familyId = points.familyIds[i]!;
    this.xy[2 * i] = points.x[i]!;
    this.xy[2 * i + 1] = points.y[i]!;
    const layer = this.layerOf(i, familyId);
    const chosen = layer === layers.highlighted ? this.highlight?.colour : undefined;
    const [r, g, b] = chosen ?? this.colourOf(familyId);
    this.style[4 * i] = r;
    this.style[4 * i + 1] = g;
    this.style[4 * i + 2] = b;
    this.style[4 * i + 3] = layer;
  }

  private layerOf(i: number, familyId: number): number {
    if (this.highlight !== undefined) {
      return this.highlight.includes(i) ? layers.highlighted : layers.dimmed;
    }
    return familyId === UNASSIGNED ? layers.unassigned : layers.family;
  }

  private allocate(n: number): void {
    if (n <= this.capacity) return;
    const { gl } = this;
    this.capacity = Math.max(1024, Math.ceil(n * 1.5));
    this.xy = new Float32Array(this.capacity * 2);
    this.style = new Uint8Array(this.capacity * 4);
    gl.bindVertexArray(this.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.positions);
    gl.bufferData(gl.ARRAY_BUFFER, this.xy.byteLength, gl.DYNAMIC_DRAW);
    this.attribute('a_position', 2, gl.FLOAT, false);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.styles);
    gl.bufferData(gl.ARRAY_BUFFER, this.style.byteLength, gl.DYNAMIC_DRAW);
    this.attribute('a_style', 4, gl.UNSIGNED_BYTE, true);
    gl.bindVertexArray(null);
  }

  private attribute(name: string, size: number, type: number, normalised: boolean): void {
    const location = this.gl.getAttribLocation(this.program, name);
    this.gl.enableVertexAttribArray(location);
    this.gl.vertexAttribPointer(location, size, type, normalised, 0, 0);
  }

  private upload(from: number, to: number): void {
    const { gl } = this;
    if (to <= from) return;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.positions);
    gl.bufferSubData(gl.ARRAY_BUFFER, from * 8, this.xy, from * 2, (to - from) * 2);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.styles);
    gl.bufferSubData(gl.ARRAY_BUFFER, from * 4, this.style, from * 4, (to - from) * 4);
  }
}

/** Diameter in CSS pixels: smaller where there are many, larger when looked at closely. */
export function pointSizePx(n: number, zoom: number): number {
  const base = 9.2 - 1.55 * Math.log10(Math.max(n, 100));
  return Math.min(14, Math.max(1.2, base * Math.max(zoom, 0.5) ** 0.3));
}
