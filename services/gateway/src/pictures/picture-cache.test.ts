import { describe, expect, it } from 'vitest';
import { PictureCache } from './picture-cache.js';

describe('PictureCache', () => {
  it('holds no more than its bytes; what was used last stays', () => {
    const cache = new PictureCache(100);
    cache.set('a', new Uint8Array(40));
    cache.set('b', new Uint8Array(40));
    expect(cache.get('a')).toHaveLength(40);
    cache.set('c', new Uint8Array(40));
    expect(cache.get('b')).toBeUndefined();
    expect(cache.get('a')).toHaveLength(40);
    expect(cache.bytes).toBe(80);
  });

  it('does not hold what is larger than all of it', () => {
    const cache = new PictureCache(100);
    cache.set('a', new Uint8Array(60));
    cache.set('a', new Uint8Array(200));
    expect(cache.get('a')).toBeUndefined();
    expect(cache.bytes).toBe(0);
  });
});
