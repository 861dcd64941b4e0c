/**
 * The two canvases of the map: points in WebGL 2 below, lettering and rings in
 * 2-D above. They fill their host and keep its size in device pixels.
 */
export class MapCanvases {
  readonly gl: WebGL2RenderingContext;
  readonly context: CanvasRenderingContext2D;
  /** The upper one, which gets the pointer. */
  readonly over: HTMLCanvasElement;
  private readonly base: HTMLCanvasElement;
  private readonly resizes: ResizeObserver;

  /**
   * @param onResize told of every later change of size, in CSS pixels.
   * @throws Error where the browser has no WebGL 2.
   */
  constructor(
    private readonly host: HTMLElement,
    onResize: () => void,
  ) {
    this.base = canvasIn(host, 'map-points');
    this.over = canvasIn(host, 'map-overlay');
    const gl = this.base.getContext('webgl2', { antialias: false, premultipliedAlpha: true });
    const context = this.over.getContext('2d');
    if (gl === null || context === null) throw new Error('this browser has no WebGL 2');
    this.gl = gl;
    this.context = context;
    this.resizes = new ResizeObserver(onResize);
    this.resizes.observe(host);
  }

  /** Fits both to the host; returns its size in CSS pixels. */
  fit(): { width: number; height: number } {
    const width = this.host.clientWidth;
    const height = this.host.clientHeight;
    for (const canvas of [this.base, this.over]) {
      canvas.width = Math.round(width * window.devicePixelRatio);
      canvas.height = Math.round(height * window.devicePixelRatio);
    }
    return { width, height };
  }

  destroy(): void {
    this.resizes.disconnect();
    this.base.remove();
    this.over.remove();
  }
}

function canvasIn(host: HTMLElement, className: string): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.className = className;
  host.append(canvas);
  return canvas;
}
