import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../fixtures/cli-process.js';
import { openPictureWorld, type PictureWorld } from '../fixtures/picture-world.js';
import { readRunFiles } from '../fixtures/run-files.js';

let world: PictureWorld;

beforeAll(async () => {
  world = await openPictureWorld();
}, 300_000);
afterAll(() => world.close());

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** A black RGB picture, or only its beginning: 20,000 x 20,000 would be 1.2 GB of black. */
function png(width: number, height: number, { whole }: { whole: boolean }): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const begin = [Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header)];
  if (!whole) return Buffer.concat([...begin, chunk('IDAT', deflateSync(Buffer.alloc(1000)))]);
  const pixels = deflateSync(Buffer.alloc(height * (1 + 3 * width)));
  return Buffer.concat([...begin, chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

describe('a picture that cannot be read', () => {
  const jpeg = Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex');
  const cases: [string, (png: Buffer) => Buffer | Promise<Buffer>, RegExp][] = [
    ['truncated', (png) => png.subarray(0, png.length / 2), /expected .*found the end of the file/],
    ['empty', () => Buffer.alloc(0), /expected a PNG.*found an empty file/],
    ['a JPEG named .png', () => jpeg, /expected a PNG.*found/],
    ['not a picture', () => Buffer.from('<html>404</html>'), /expected a PNG.*found/],
    [
      '20,000 x 20,000',
      () => png(20_000, 20_000, { whole: false }),
      /found 20000 x 20000.*the limit is 4000000/,
    ],
    ['of another size', () => png(64, 48, { whole: true }), /expected 800 x 600.*found 64 x 48/],
  ];
  it.each(cases)('%s: named, and the rest goes in', async (what, spoil, expected) => {
    const { folder, pictureOf } = await world.folderOf(`picture-${what.replaceAll(/\W/g, '')}`);
    const bad = pictureOf(1);
    await writeFile(bad, await spoil(await readFile(bad)));
    const { code, report } = await world.ingest(folder);
    expect(code).toBe(0);
    expect(report).toMatchObject({ accepted: 3, rejectedCount: 0, warningCount: 1 });
    const [warning] = report?.warnings ?? [];
    expect(warning?.file).toBe(bad);
    expect(warning?.message).toContain(bad);
    expect(warning?.message).toMatch(expected);
  });

  it('all four of a glitch: refused by name, the others go in; said on stderr', async () => {
    const { folder, pictureOf } = await world.folderOf('picture-none');
    for (const i of [0, 1, 2, 3]) await writeFile(pictureOf(i), jpeg);
    const { code, report } = await world.ingest(folder);
    expect(code).toBe(0);
    expect(report).toMatchObject({ accepted: 2, rejectedCount: 1 });
    expect(report?.rejected[0]).toMatchObject({ code: 'no_readable_window' });
    expect(report?.rejected[0]?.message).toContain(world.glitches[0]?.key);

    const dataDir = join(world.dir, 'data-picture-said');
    const { stderr, stdout } = await runCli(['ingest', 'images', folder, '--data-dir', dataDir]);
    expect(stderr).toContain(`refused: ${world.glitches[0]?.key}`);
    expect(stdout).toContain('2 glitches accepted, 0 known already, 1 refused');
  });
});

describe('a folder', () => {
  it('that is empty or missing: one sentence that names it', async () => {
    const empty = await mkdtemp(join(world.dir, 'empty-'));
    for (const folder of [empty, join(world.dir, 'missing')]) {
      for (const args of [
        ['ingest', 'images', folder, '--data-dir', join(world.dir, 'data-empty')],
        ['run', '--images', folder, '--out', join(world.dir, 'out-empty')],
      ]) {
        const { code, stdout, stderr } = await runCli(args);
        expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
        expect(stderr.trimEnd().split('\n')).toHaveLength(1);
        expect(stderr).toMatch(/^glitchwatch: .*expected.*found/);
        expect(stderr).toContain(folder);
      }
    }
  });
});

describe('run', () => {
  it('over nothing that can be read says what was refused, and why there is no result', async () => {
    const folder = await mkdtemp(join(world.dir, 'unreadable-'));
    await writeFile(join(folder, 'H1_abc_spectrogram_1.0.png'), 'no picture');
    const out = join(world.dir, 'out-unreadable');
    const { code, stdout, stderr } = await runCli(['run', '--images', folder, '--out', out]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^refused: H1_abc: none of its 1 pictures can be read/);
    expect(stderr).toContain(
      `glitchwatch: ${folder}: expected at least 2 readable glitches, found 0`,
    );
  });

  it('goes on without what is bad, and lists it in the summary', async () => {
    const { folder, pictureOf } = await world.folderOf('run-bad');
    await writeFile(pictureOf(2), 'no picture');
    await writeFile(join(folder, 'H1_xx_strange.png'), 'no name');
    const out = join(world.dir, 'out-bad');
    const { code, stderr } = await runCli(['run', '--images', folder, '--out', out]);
    expect(code).toBe(0);
    expect(stderr).toContain(pictureOf(2));
    const { summary, assignments } = await readRunFiles(out);
    expect(assignments).toHaveLength(3);
    expect(summary.problems.map((problem) => problem.code).sort()).toEqual([
      'bad_picture',
      'unrecognised_name',
    ]);
  });
});
