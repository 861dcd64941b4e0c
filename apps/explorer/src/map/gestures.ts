/** What hands do on the map, in pixels of the element. */
export interface GestureListener {
  onPan(dxPx: number, dyPx: number): void;
  onZoom(factor: number, px: number, py: number): void;
  onMove(px: number, py: number, event: PointerEvent): void;
  onLeave(): void;
  onTap(px: number, py: number): void;
  onDoubleTap(px: number, py: number): void;
  onEnd(): void;
}

const CLICK_SLACK_PX = 4;

/** Drag, wheel, two fingers, tap. Returns how to let go. */
export function listenToGestures(element: HTMLElement, listener: GestureListener): () => void {
  const held = new Map<number, { x: number; y: number }>();
  let travelled = 0;
  let spread = 0;
  const ending = new AbortController();
  const options = { signal: ending.signal };

  const place = (event: PointerEvent | MouseEvent): { x: number; y: number } => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const spreadOfHeld = (): number => {
    const [a, b] = [...held.values()];
    return a === undefined || b === undefined ? 0 : Math.hypot(a.x - b.x, a.y - b.y);
  };

  element.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0) return;
      element.setPointerCapture(event.pointerId);
      held.set(event.pointerId, place(event));
      travelled = 0;
      spread = spreadOfHeld();
    },
    options,
  );
  element.addEventListener(
    'pointermove',
    (event) => {
      const now = place(event);
      const before = held.get(event.pointerId);
      if (before === undefined) {
        listener.onMove(now.x, now.y, event);
        return;
      }
      held.set(event.pointerId, now);
      const dx = now.x - before.x;
      const dy = now.y - before.y;
      travelled += Math.abs(dx) + Math.abs(dy);
      if (travelled < CLICK_SLACK_PX) return;
      listener.onPan(dx / held.size, dy / held.size);
      const wider = spreadOfHeld();
      if (spread > 0 && wider > 0) listener.onZoom(wider / spread, now.x, now.y);
      spread = wider;
    },
    options,
  );
  const release = (event: PointerEvent): void => {
    if (!held.delete(event.pointerId)) return;
    spread = 0;
    const { x, y } = place(event);
    if (event.type === 'pointerup' && travelled < CLICK_SLACK_PX) listener.onTap(x, y);
    else listener.onEnd();
  };
  element.addEventListener('pointerup', release, options);
  element.addEventListener('pointercancel', release, options);
  element.addEventListener('pointerleave', () => listener.onLeave(), options);
  element.addEventListener(
    'dblclick',
    (event) => {
      const { x, y } = place(event);
      listener.onDoubleTap(x, y);
    },
    options,
  );
  let settling: ReturnType<typeof setTimeout> | undefined;
  element.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const { x, y } = place(event);
      const lines = event.deltaMode === 1 ? 16 : 1;
      listener.onZoom(Math.exp(-event.deltaY * lines * 0.0016), x, y);
      clearTimeout(settling);
      settling = setTimeout(() => listener.onEnd(), 120);
    },
    { ...options, passive: false },
  );
  return () => {
    clearTimeout(settling);
    ending.abort();
  };
}
