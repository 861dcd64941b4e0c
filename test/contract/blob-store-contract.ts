import { randomUUID } from 'node:crypto';
import type { BlobStore } from '@glitchwatch/blob-store';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

export interface BlobStoreUnderTest {
  /** Opens the same store once more, as another process would. */
  open(): Promise<BlobStore>;
  dispose(): Promise<void>;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array): string => new TextDecoder().decode(value);
const unique = (): string => `t-${randomUUID().slice(0, 13)}`;

/** The promises of packages/blob-store/src/port.ts; every adapter runs them unchanged. */
export function blobStoreContract(name: string, factory: () => Promise<BlobStoreUnderTest>): void {
  describe(`blob store: ${name}`, () => {
    let underTest: BlobStoreUnderTest;
    let store: BlobStore;
    beforeAll(async () => {
      underTest = await factory();
      store = await underTest.open();
    });
    afterAll(() => underTest.dispose());

    test('gives back the parts of a blob as one', async () => {
      const key = `${unique()}/models/v1.bin`;
      await store.put(key, [bytes('one '), new Uint8Array(), bytes('two')]);
      expect(text(await store.get(key))).toBe('one two');
      expect(text(await (await underTest.open()).get(key))).toBe('one two');
      await store.put(`${key}.empty`, []);
      expect(await store.get(`${key}.empty`)).toHaveLength(0);
    });

    test('takes many megabytes', async () => {
      const part = new Uint8Array(5_000_000).map((_, i) => i * 7);
      const key = unique();
      await store.put(key, [part, part, part]);
      const read = await store.get(key);
      expect(read).toHaveLength(15_000_000);
      expect(Buffer.compare(read.subarray(5_000_000, 10_000_000), part)).toBe(0);
    });

    test('put again replaces the whole', async () => {
      const key = unique();
      await store.put(key, [bytes('a much longer value')]);
      await store.put(key, [bytes('short')]);
      expect(text(await store.get(key))).toBe('short');
    });

    test('readers see a whole blob, old or new, while it is replaced', async () => {
      const key = unique();
      const value = (i: number): Uint8Array => new Uint8Array(300_000).fill(i);
      await store.put(key, [value(0)]);
      const writing = (async () => {
        for (let i = 1; i <= 20; i++) await store.put(key, [value(i), value(i)]);
      })();
      let done = false;
      void writing.finally(() => {
        done = true;
      });
      while (!done) {
        const read = await store.get(key);
        expect(read.every((byte) => byte === read[0])).toBe(true);
        expect(read.length).toBe(read[0] === 0 ? 300_000 : 600_000);
      }
      await writing;
    });

    test('several may put one key at the same moment: one of them wins whole', async () => {
      const key = unique();
      const values = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(50_000));
      await Promise.all(values.map((value) => store.put(key, [bytes(value)])));
      expect(values).toContain(text(await store.get(key)));
    });

    test('lists the keys below a prefix, sorted', async () => {
      const root = unique();
      for (const key of ['b/2', 'a', 'b/10', 'b.x', 'c/d/e']) {
        await store.put(`${root}/${key}`, [bytes(key)]);
      }
      const below = async (prefix: string): Promise<string[]> =>
        (await store.list(`${root}/${prefix}`)).map((key) => key.slice(root.length + 1));
      expect(await below('')).toEqual(['a', 'b.x', 'b/10', 'b/2', 'c/d/e']);
      expect(await below('b/')).toEqual(['b/10', 'b/2']);
      expect(await below('b')).toEqual(['b.x', 'b/10', 'b/2']);
      expect(await below('nothing')).toEqual([]);
      expect(await store.list('')).toEqual(expect.arrayContaining([`${root}/a`]));
    });

    test('a missing key is not found; deleting one is no error', async () => {
      const key = `${unique()}/x`;
      await expect(store.get(key)).rejects.toMatchObject({ code: 'not_found' });
      await store.put(key, [bytes('x')]);
      await store.delete(key);
      await store.delete(key);
      await expect(store.get(key)).rejects.toMatchObject({ code: 'not_found' });
      expect(await store.list(key)).toEqual([]);
    });

    test.each([
      '',
      '/',
      '/absolute',
      'a//b',
      'a/',
      '..',
      '../up',
      'a/../../up',
      './a',
      'a/./b',
      'a\\b',
      'a b',
      'a\0b',
      'ü',
      'C:x',
      `${'x'.repeat(600)}`,
    ])('refuses the key %j', async (key) => {
      const refused = { code: 'bad_key' };
      await expect(store.put(key, [bytes('x')])).rejects.toMatchObject(refused);
      await expect(store.get(key)).rejects.toMatchObject(refused);
      await expect(store.delete(key)).rejects.toMatchObject(refused);
    });
  });
}
