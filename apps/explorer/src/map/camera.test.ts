import { describe, expect, it } from 'vitest';
import { boundsOf, Camera } from './camera.js';

const bounds = { minX: 0, maxX: 10, minY: 0, maxY: 5 };

function cameraAt(width = 800, height = 600): Camera {
  const camera = new Camera();
  camera.resize(width, height);
  camera.setBounds(bounds);
  return camera;
}

describe('Camera', () => {
  it('shows the whole map, y up', () => {
    const camera = cameraAt();
    for (const [x, y] of [
      [0, 0],
      [10, 5],
    ] as const) {
      expect(camera.toScreenX(x)).toBeGreaterThanOrEqual(0);
      expect(camera.toScreenX(x)).toBeLessThanOrEqual(800);
      expect(camera.toScreenY(y)).toBeGreaterThanOrEqual(0);
      expect(camera.toScreenY(y)).toBeLessThanOrEqual(600);
    }
    expect(camera.toScreenY(5)).toBeLessThan(camera.toScreenY(0));
    expect(camera.view).toBeUndefined();
  });

  it('zooms around the pointer', () => {
    const camera = cameraAt();
    const before = camera.toMap(200, 100);
    camera.zoomAt(3, 200, 100);
    const after = camera.toMap(200, 100);
    expect(after.x).toBeCloseTo(before.x, 9);
    expect(after.y).toBeCloseTo(before.y, 9);
    expect(camera.view?.zoom).toBeCloseTo(3);
  });

  it('does not move when a person has chosen a view and the map grows', () => {
    const camera = cameraAt();
    camera.zoomAt(3, 200, 100);
    const place = [camera.toScreenX(4), camera.toScreenY(2)];
    camera.setBounds({ minX: -50, maxX: 90, minY: -20, maxY: 40 });
    expect(camera.toScreenX(4)).toBeCloseTo(place[0]!, 6);
    expect(camera.toScreenY(2)).toBeCloseTo(place[1]!, 6);
  });

  it('gives back a view that the address bar kept', () => {
    const camera = cameraAt();
    camera.panBy(40, -20);
    const { view } = camera;
    const other = cameraAt();
    other.setView(view);
    expect(other.toScreenX(3)).toBeCloseTo(camera.toScreenX(3), 9);
  });
});

describe('boundsOf', () => {
  it('gives one point an extent', () => {
    const bounds = boundsOf({ size: 1, x: Float32Array.of(3), y: Float32Array.of(4) });
    expect(bounds).toEqual({ minX: 2, maxX: 4, minY: 3, maxY: 5 });
    expect(boundsOf({ size: 0, x: new Float32Array(), y: new Float32Array() })).toBeUndefined();
  });
});
