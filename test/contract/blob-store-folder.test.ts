import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFolderBlobStore } from '@glitchwatch/blob-store';
import { expect, test } from 'vitest';
import { blobStoreContract } from './blob-store-contract.js';

blobStoreContract('folder', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'glitchwatch-blob-store-'));
  return {
    open: () => openFolderBlobStore({ dir }),
    dispose: () => rm(dir, { recursive: true, force: true }),
  };
});

test('the folder blob store leaves nothing aside, also when a put fails', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'glitchwatch-blob-store-'));
  try {
    const store = await openFolderBlobStore({ dir });
    await store.put('a', [new Uint8Array(3)]);
    // "a" is a blob, so nothing can be below it.
    await expect(store.put('a/b', [new Uint8Array(3)])).rejects.toMatchObject({
      code: 'unavailable',
    });
    await expect(store.get('a/b')).rejects.toMatchObject({ code: 'not_found' });
    expect(await readdir(join(dir, '~temporary'))).toEqual([]);
    expect(await store.list('')).toEqual(['a']);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
