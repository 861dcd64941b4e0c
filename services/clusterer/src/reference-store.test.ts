import { SignalKind, Trigger } from '@glitchwatch/proto';
import { describe, expect, it } from 'vitest';
import { ReferenceStore } from './reference-store.js';

const glitch = (glitchId: string, first = 1) => ({
  glitchId,
  vector: Float32Array.of(first, 0, 0),
  trigger: Trigger.fromPartial({ glitchId, ifo: 'H1', peakFrequencyHz: 62.5 }),
  ingestedAtMs: 5,
});

describe('ReferenceStore', () => {
  it('gives back what was added', () => {
    const store = new ReferenceStore({ maxGlitches: 10 });
    const slot = store.add(glitch('b', 0.5))!;
    expect(store.slotOf('b')).toBe(slot);
    expect(store.idAt(slot)).toBe('b');
    expect([...store.vectorAt(slot)]).toEqual([0.5, 0, 0]);
    expect(store.triggerAt(slot).peakFrequencyHz).toBe(62.5);
    expect(store.ingestedAtMsAt(slot)).toBe(5);
    expect(store.markAt(slot)).toEqual({ modelVersion: 0, familyId: -1 });
  });

  it('skips a known id and keeps the first vector', () => {
    const store = new ReferenceStore({ maxGlitches: 10 });
    const slot = store.add(glitch('a', 1))!;
    expect(store.add(glitch('a', 2))).toBeUndefined();
    expect(store.size).toBe(1);
    expect(store.vectorAt(slot)[0]).toBe(1);
  });

  it('refuses another dimension, naming both', () => {
    const store = new ReferenceStore({ maxGlitches: 10 });
    store.add(glitch('a'));
    expect(() => store.add({ ...glitch('b'), vector: new Float32Array(2) })).toThrow(
      'glitch b: expected 3 elements, found 2',
    );
  });

  it('grows over many glitches and keeps every vector', () => {
    const store = new ReferenceStore({ maxGlitches: 5_000 });
    for (let i = 0; i < 3_000; i++) store.add(glitch(`g${i}`, i));
    expect(store.size).toBe(3_000);
    for (const i of [0, 255, 256, 1_023, 2_999])
      expect(store.vectorAt(store.slotOf(`g${i}`)!)[0]).toBe(i);
  });

  it('lets the oldest leave at its bound, with its mark', () => {
    const store = new ReferenceStore({ maxGlitches: 4 });
    for (let i = 0; i < 4; i++) {
      const slot = store.add(glitch(`g${i}`, i))!;
      store.setMark(slot, { modelVersion: 3, familyId: i });
    }
    const slot = store.add(glitch('new', 9))!;
    expect(store.slotOf('g0')).toBeUndefined();
    expect(store.size).toBe(4);
    expect(store.added).toBe(5);
    expect(store.markAt(slot)).toEqual({ modelVersion: 0, familyId: -1 });
    expect(store.slotsInOrder().map((one) => store.idAt(one))).toEqual(['g1', 'g2', 'g3', 'new']);
  });

  it('copies the rows of a fit', async () => {
    const store = new ReferenceStore({ maxGlitches: 10 });
    for (const [id, first] of [
      ['c', 3],
      ['a', 1],
      ['b', 2],
    ] as const) {
      const slot = store.add(glitch(id, first))!;
      store.setMark(slot, { modelVersion: 1, familyId: first * 10 });
    }
    const rows = await store.rowsForFit();
    expect(rows.glitchIds).toEqual(['c', 'a', 'b']);
    expect([...rows.vectors]).toEqual([3, 0, 0, 1, 0, 0, 2, 0, 0]);
    expect([...rows.familyIds]).toEqual([30, 10, 20]);
  });

  it('leaves out of a fit what comes or leaves while its rows are copied', async () => {
    const store = new ReferenceStore({ maxGlitches: 3 });
    for (const [id, first] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ] as const) {
      store.add(glitch(id, first));
    }
    const copying = store.rowsForFit();
    store.add(glitch('d', 4));
    store.add(glitch('e', 5));
    const rows = await copying;
    // The first row was copied before the others came in its place.
    expect(rows.glitchIds.filter((id) => id === 'd' || id === 'e')).toEqual([]);
    expect(rows.glitchIds).toContain('c');
    expect(rows.glitchIds).not.toContain('b');
    expect(rows.vectors).toHaveLength(3 * rows.glitchIds.length);
    rows.glitchIds.forEach((id, row) => {
      expect(rows.vectors[3 * row]).toBe('abc'.indexOf(id) + 1);
    });
  });

  it('leaves hardware injections and known events out of the rows of a fit', async () => {
    const store = new ReferenceStore({ maxGlitches: 2 });
    const event = Trigger.fromPartial({ signal: SignalKind.SIGNAL_KIND_KNOWN_EVENT });
    store.add({ ...glitch('a', 1), trigger: event });
    store.add(glitch('b', 2));
    expect((await store.rowsForFit()).glitchIds).toEqual(['b']);
    // Its place goes to another, and an id may come back as a glitch.
    store.add(glitch('c', 3));
    store.add(glitch('a', 1));
    expect((await store.rowsForFit()).glitchIds).toEqual(['c', 'a']);
  });
});
