import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMatrix, readNpy, writeNpy } from './npy.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'glitchwatch-npy-'));
});
afterAll(() => rm(dir, { recursive: true }));

describe('npy', () => {
  it.each([
    new Float32Array([1, 2.5, -3, 4, 5, 6]),
    new Float64Array([1, 2.5, -3, 4, 5, 1e300]),
    new Int32Array([1, -2, 3, 4, 5, 6]),
    new BigInt64Array([1n, -2n, 3n, 4n, 5n, 6n]),
  ])('reads back what it wrote: %o', async (data) => {
    const path = join(dir, 'a.npy');
    await writeNpy(path, { shape: [2, 3], data });
    const back = await readNpy(path);
    expect(back.shape).toEqual([2, 3]);
    expect(back.data).toEqual(data);
  });

  it('pads the header so that the data starts at a multiple of 64', async () => {
    const path = join(dir, 'b.npy');
    await writeNpy(path, { shape: [1], data: new Float32Array([7]) });
    const { size } = await import('node:fs/promises').then(({ stat }) => stat(path));
    expect((size - 4) % 64).toBe(0);
  });

  it('reads a matrix of any number type, in either order, as rows', async () => {
    const path = join(dir, 'f.npy');
    // numpy.array([[1, 2, 3], [4, 5, 6]], order='F')
    await writeNpy(path, { shape: [2, 3], data: new BigInt64Array([1n, 4n, 2n, 5n, 3n, 6n]) });
    const bytes = await readFile(path);
    const at = bytes.indexOf("'fortran_order': False");
    bytes.write("'fortran_order': True ", at, 'latin1');
    await writeFile(path, bytes);
    expect(await readMatrix(path)).toEqual({
      rows: 2,
      cols: 3,
      data: new Float64Array([1, 2, 3, 4, 5, 6]),
    });
  });

  it('names what is wrong with a file', async () => {
    const path = join(dir, 'c.npy');
    await writeFile(path, 'PK not numpy');
    await expect(readNpy(path)).rejects.toMatchObject({ code: 'bad_npy' });
    await writeNpy(path, { shape: [2, 2], data: new Float32Array([1, 2, Number.NaN, 4]) });
    await expect(readMatrix(path)).rejects.toThrow(
      /row 1, column 0: expected a finite number, found NaN/,
    );
    await writeNpy(path, { shape: [4], data: new Float32Array(4) });
    await expect(readMatrix(path)).rejects.toThrow(/two dimensions, found shape \(4\)/);
    await expect(readNpy(join(dir, 'none.npy'))).rejects.toMatchObject({ code: 'missing_file' });
  });
});
