import type { MapData, Placement } from '../data/messages.js';

export type PointChange = 'added' | 'changed';

/**
 * The points of the map in columns, found by glitch id. An index is only good
 * until the next `replace`; whatever outlives that keeps the id.
 */
export class PointStore {
  private indexById = new Map<string, number>();
  private ids: string[] = [];
  x = new Float32Array(256);
  y = new Float32Array(256);
  familyIds = new Int32Array(256);

  get size(): number {
    return this.ids.length;
  }

  idAt(index: number): string | undefined {
    return this.ids[index];
  }

  indexOf(glitchId: string): number | undefined {
    return this.indexById.get(glitchId);
  }

  familyAt(index: number): number {
    return this.familyIds[index] ?? -1;
  }

  replace(map: MapData): void {
    const n = map.glitchIds.length;
    const capacity = Math.max(256, Math.ceil(n * 1.25));
    this.x = grown(new Float32Array(capacity), map.x);
    this.y = grown(new Float32Array(capacity), map.y);
    this.familyIds = grown(new Int32Array(capacity), map.familyIds);
    this.ids = [...map.glitchIds];
    this.indexById = new Map(this.ids.map((id, index) => [id, index]));
  }

  upsert(placement: Placement): { readonly index: number; readonly change: PointChange } {
    const known = this.indexById.get(placement.glitchId);
    const index = known ?? this.ids.length;
    if (known === undefined) {
      if (index >= this.x.length) this.double();
      this.ids.push(placement.glitchId);
      this.indexById.set(placement.glitchId, index);
    }
    this.x[index] = placement.x;
    this.y[index] = placement.y;
    this.familyIds[index] = placement.familyId;
    return { index, change: known === undefined ? 'added' : 'changed' };
  }

  private double(): void {
    const capacity = this.x.length * 2;
    this.x = grown(new Float32Array(capacity), this.x);
    this.y = grown(new Float32Array(capacity), this.y);
    this.familyIds = grown(new Int32Array(capacity), this.familyIds);
  }
}

function grown<T extends Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>>(
  target: T,
  source: ArrayLike<number>,
): T {
  target.set(source);
  return target;
}
