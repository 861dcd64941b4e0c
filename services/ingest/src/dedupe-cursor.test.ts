import { describe, expect, it } from 'vitest';
import { emptyCursor, isBehind, MovingCursor } from './dedupe-cursor.js';

const at = (partition: number, offset: number) => ({
  topic: 'glitch.triggers',
  partition,
  offset: BigInt(offset),
});

describe('MovingCursor', () => {
  it('waits behind a gap and passes it once it is filled', () => {
    const cursor = new MovingCursor(emptyCursor);
    for (const offset of [0, 2, 3]) cursor.add(at(0, offset));
    expect(cursor.next.get(0)).toBe(1n);
    expect(cursor.waiting).toBe(2);
    cursor.add(at(0, 1));
    expect(cursor.next.get(0)).toBe(4n);
    expect(cursor.waiting).toBe(0);
  });

  it('is carried over a gap by somebody else, never back', () => {
    const cursor = new MovingCursor({ generation: 2, next: new Map([[1, 5n]]) });
    for (const offset of [6, 8]) cursor.add(at(1, offset));
    cursor.moveTo(new Map([[1, 6n]]));
    expect(cursor.next.get(1)).toBe(7n);
    cursor.moveTo(new Map([[1, 3n]]));
    expect(cursor.next.get(1)).toBe(7n);
    cursor.moveTo(new Map([[1, 20n]]));
    expect(cursor.stored()).toEqual({ generation: 2, next: new Map([[1, 20n]]) });
    expect(cursor.waiting).toBe(0);
  });

  it('waits for nothing that lies behind it', () => {
    const cursor = new MovingCursor({ generation: 0, next: new Map([[0, 5n]]) });
    cursor.add(at(0, 3));
    expect(cursor.waiting).toBe(0);
    expect(cursor.next.get(0)).toBe(5n);
  });
});

it('isBehind looks at every partition, absent ones too', () => {
  const ten = new Map([[0, 10n]]);
  expect(isBehind(ten, ten)).toBe(false);
  expect(isBehind(new Map(), ten)).toBe(true);
  expect(isBehind(new Map([[0, 11n]]), ten)).toBe(false);
  expect(isBehind(ten, new Map([[1, 1n]]))).toBe(true);
});
