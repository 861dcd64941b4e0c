import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { createDecoderPool, type DecoderPool } from './decoder-pool.js';
import type { PictureFile } from './read-picture.js';

let pool: DecoderPool;
afterEach(() => pool.close());

/** A stand-in for the decoder: answers the first byte, or dies of 66. */
const mortal = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', ({ id, input }) => {
      if (input[0] === 66) process.exit(1);
      if (input[0] === 67) parentPort.postMessage({ id, problem: 'not a picture' });
      else parentPort.postMessage({ id, output: input.slice(0, 1) });
    });
  `)}`,
);

describe('createDecoderPool', () => {
  it('answers each picture with its own code, also many at once', async () => {
    pool = createDecoderPool({ size: 3, workerUrl: mortal });
    const codes = await Promise.all(
      Array.from({ length: 60 }, (_, i) => pool.decode(Uint8Array.of(i))),
    );
    expect(codes.map((code) => code[0])).toEqual(Array.from({ length: 60 }, (_, i) => i));
  });

  it('refuses a bad picture and one that kills its thread; those beside it go on', async () => {
    pool = createDecoderPool({ size: 2, workerUrl: mortal });
    const pictures = [1, 66, 2, 67, 3, 66, 4].map((byte) => pool.decode(Uint8Array.of(byte, 9)));
    const results = await Promise.allSettled(pictures);
    const outcomes = results.map((result) =>
      result.status === 'rejected' ? String(result.reason.code) : result.value[0],
    );
    const bad = 'bad_picture';
    expect(outcomes).toEqual([1, bad, 2, bad, 3, bad, 4]);
    expect(await pool.decode(Uint8Array.of(7))).toEqual(Buffer.of(7));
  });

  it('reads real pictures in the real thread', async () => {
    pool = createDecoderPool({ size: 1 });
    await expect(pool.decode(Uint8Array.of(0xff, 0xd8, 0xff))).rejects.toMatchObject({
      code: 'bad_picture',
      message: expect.stringContaining('JPEG'),
    });
  });

  it('reads a file in its thread; one that is too large, or is not there, has its own code', async () => {
    pool = createDecoderPool({ size: 1 });
    const file = fileURLToPath(import.meta.url);
    const refused = async (picture: PictureFile, code: string, message: string) =>
      expect(pool.decodeFile(picture)).rejects.toMatchObject({
        name: 'IngestError',
        code,
        message: expect.stringContaining(message),
      });
    await refused({ file, maxBytes: 1e6 }, 'bad_picture', 'expected a PNG file');
    await refused({ file, maxBytes: 99 }, 'too_large', 'at most 99 bytes; found');
    await refused({ file: `${file}.png`, maxBytes: 99 }, 'unreadable_file', 'ENOENT');
  });

  it('ends what waits when it is closed, and takes nothing after', async () => {
    pool = createDecoderPool({ size: 1, workerUrl: mortal });
    const waiting = Array.from({ length: 20 }, () => pool.decode(Uint8Array.of(1)));
    const settled = Promise.allSettled(waiting);
    await Promise.all([pool.close(), pool.close()]);
    expect((await settled).every(({ status }) => status === 'rejected')).toBe(true);
    await expect(pool.decode(Uint8Array.of(1))).rejects.toMatchObject({ code: 'stopped' });
  });
});
