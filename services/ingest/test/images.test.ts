import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeGrid } from '@glitchwatch/spectrogram';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Bench,
  gridOf,
  pngHeader,
  pngOf,
  put,
  startBench,
  temporaryFolder,
} from './harness.js';

let bench: Bench;
let folder: { dir: string; remove(): Promise<void> };
let pictures = '';

beforeEach(async () => {
  folder = await temporaryFolder();
  pictures = join(folder.dir, 'pictures');
  await mkdir(pictures);
  bench = await startBench({ dir: folder.dir, config: { grpc: { enabled: false } } });
});
afterEach(async () => {
  await bench.close();
  await folder.remove();
});

const name = (id: string, windowSec: string, ifo = 'H1'): string =>
  `${ifo}_${id}_spectrogram_${windowSec}.png`;

describe('ingestImages', () => {
  it('brings all windows of a glitch together, wherever they lie, with its CSV row', async () => {
    for (const [i, windowSec] of ['0.5', '1.0', '2.0', '4.0'].entries()) {
      await put(pictures, `part${i}/${name('abc', windowSec)}`, await pngOf(i));
    }
    await put(pictures, name('nometa', '1.0', 'V1'), await pngOf(9));
    const csv = await put(
      folder.dir,
      'meta.csv',
      Buffer.from(
        'snr,gravityspy_id,ifo,event_time,note\n12.5,abc,H1,1126259462.391,loud\n7,x,L1,1,\n',
      ),
    );
    const seen: number[] = [];
    const report = await bench.service.ingestImages({
      dir: pictures,
      metadataCsv: csv,
      onProgress: ({ glitchesDone }) => seen.push(glitchesDone),
    });
    expect(report).toMatchObject({
      accepted: 2,
      duplicates: 0,
      rejectedCount: 0,
      warningCount: 0,
      picturesRead: 5,
      glitchesFound: 2,
      withoutMetadata: 1,
      rowsWithoutPictures: 1,
      stopped: false,
    });
    expect(seen).toEqual([1, 2]);
    const glitches = await bench.glitches();
    const glitch = glitches.find(({ trigger }) => trigger?.externalId === 'abc');
    expect(glitch?.trigger).toMatchObject({
      ifo: 'H1',
      peakGpsNs: 1126259462391000000n,
      snr: 12.5,
      source: 'images',
      extra: { note: 'loud' },
    });
    expect(glitch?.windows.map(({ windowSec }) => windowSec)).toEqual([0.5, 1, 2, 4]);
    const [first] = glitch?.windows ?? [];
    const grid = decodeGrid(first?.data ?? new Uint8Array(), 128, 128);
    expect(brightest(grid.data)).toBeCloseToCell(brightest(gridOf(0).data));
    const [record] = await bench.records('glitch.triggers');
    expect(record?.headers).toEqual({
      schema: 'glitchwatch.v1.Glitch',
      'event-id': record?.key,
    });
    expect(await bench.metric('glitchwatch_ingest_glitches_total{ifo="H1",source="images"}')).toBe(
      1,
    );
  });

  it('recognises what it has already, without reading a picture', async () => {
    await put(pictures, name('abc', '1.0'), await pngOf(1));
    await bench.service.ingestImages({ dir: pictures });
    const again = await bench.service.ingestImages({ dir: pictures });
    expect(again).toMatchObject({ accepted: 0, duplicates: 1, picturesRead: 0 });
    expect(await bench.glitches()).toHaveLength(1);
  });

  it('takes the readable windows of a glitch and reports the others by file', async () => {
    const whole = await pngOf(1);
    await put(pictures, name('half', '0.5'), whole);
    const cut = await put(pictures, name('half', '1.0'), whole.subarray(0, whole.length / 2));
    const report = await bench.service.ingestImages({ dir: pictures });
    expect(report).toMatchObject({ accepted: 1, rejectedCount: 0, picturesRead: 1 });
    expect(report.warnings).toMatchObject([{ code: 'bad_picture', file: cut }]);
    const [glitch] = await bench.glitches();
    expect(glitch?.windows.map(({ windowSec }) => windowSec)).toEqual([0.5]);
  });

  const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1]);
  it.each([
    [
      'a truncated PNG',
      async () => (await pngOf(1)).subarray(0, 3000),
      /found the end of the file/,
    ],
    ['a PNG of another size', async () => pngHeader(640, 480), /640/],
    ['a JPEG named PNG', async () => jpeg, /expected a PNG file, found a JPEG/],
    ['a bomb of 20000 x 20000', async () => pngHeader(20_000, 20_000), /20000 x 20000/],
    ['an empty file', async () => Buffer.alloc(0), /empty file/],
  ])('refuses a glitch that is only %s, and the rest goes on', async (_what, bytes, message) => {
    const bad = await put(pictures, name('bad', '1.0'), await bytes());
    await put(pictures, name('good', '1.0'), await pngOf(2));
    const report = await bench.service.ingestImages({ dir: pictures });
    expect(report).toMatchObject({ accepted: 1, rejectedCount: 1 });
    expect(report.rejected).toMatchObject([{ code: 'no_readable_window', file: bad }]);
    expect(report.rejected[0]?.message).toMatch(message);
    expect(await bench.metric('glitchwatch_ingest_errors_total{code="no_readable_window"}')).toBe(
      1,
    );
  });

  it('refuses an unknown detector and keeps out the glitch of a bad row', async () => {
    await put(pictures, name('alien', '1.0', 'X9'), await pngOf(1));
    await put(pictures, name('sad', '1.0'), await pngOf(2));
    await put(pictures, name('good', '1.0'), await pngOf(3));
    const csv = await put(
      folder.dir,
      'meta.csv',
      Buffer.from('gravityspy_id,ifo,snr\nsad,H1,-1\ngood,H1,5\n'),
    );
    const report = await bench.service.ingestImages({ dir: pictures, metadataCsv: csv });
    expect(report.accepted).toBe(1);
    expect(report.rejected.map(({ code, row }) => [code, row]).sort()).toEqual([
      ['bad_field', 2],
      ['unknown_detector', undefined],
    ]);
    expect((await bench.glitches()).map(({ trigger }) => trigger?.externalId)).toEqual(['good']);
  });

  it('lets the first of two same windows count and warns of strange names', async () => {
    const first = await put(pictures, `a/${name('abc', '1.0')}`, await pngOf(1));
    const second = await put(pictures, `b/${name('abc', '1.0')}`, await pngOf(2));
    const odd = await put(pictures, 'holiday.png', await pngOf(3));
    await put(pictures, 'notes.txt', Buffer.from('x'));
    const report = await bench.service.ingestImages({ dir: pictures });
    expect(report.accepted).toBe(1);
    expect(report.warnings.map(({ code, file }) => [code, file]).sort()).toEqual([
      ['duplicate_window', second],
      ['unrecognised_name', odd],
    ]);
    expect((await bench.glitches())[0]?.windows[0]?.origin).toBe(first);
  });

  it('follows a link to a folder once, also where links form a ring', async () => {
    await put(pictures, `real/${name('abc', '1.0')}`, await pngOf(1));
    await symlink(pictures, join(pictures, 'real', 'ring'));
    const report = await bench.service.ingestImages({ dir: pictures });
    expect(report).toMatchObject({ accepted: 1, warningCount: 0 });
  });

  it('says so clearly where there is nothing to read', async () => {
    const empty = bench.service.ingestImages({ dir: pictures });
    await expect(empty).rejects.toMatchObject({
      code: 'empty_folder',
      message: expect.stringContaining(pictures),
    });
    const none = bench.service.ingestImages({ dir: join(pictures, 'none') });
    await expect(none).rejects.toMatchObject({ code: 'no_such_folder' });
    const csv = await put(folder.dir, 'meta.csv', Buffer.from('name,ifo\n'));
    await put(pictures, name('abc', '1.0'), await pngOf(1));
    const column = bench.service.ingestImages({ dir: pictures, metadataCsv: csv });
    await expect(column).rejects.toMatchObject({ code: 'missing_column' });
    expect(await bench.glitches()).toEqual([]);
  });

  it('stops when asked and says how far it came', async () => {
    const picture = await pngOf(1);
    for (let i = 0; i < 40; i += 1) await put(pictures, name(`id${i}`, '1.0'), picture);
    const stop = new AbortController();
    const report = await bench.service.ingestImages({
      dir: pictures,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    expect(report.stopped).toBe(true);
    expect(report.accepted).toBeLessThan(40);
    expect(await bench.glitches()).toHaveLength(report.accepted);
    const rest = await bench.service.ingestImages({ dir: pictures });
    expect(rest).toMatchObject({ accepted: 40 - report.accepted, duplicates: report.accepted });
  });
});

const shared =
  process.env.GLITCHWATCH_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const real = join(shared, 'data/gravityspy');
const isPresent = existsSync(real);

describe.skipIf(!isPresent)(
  isPresent ? 'real pictures' : `skipped: reference data not found at ${real}`,
  () => {
    it('ingests 135 glitches of 22 classes in both layouts', { timeout: 120_000 }, async () => {
      const report = await bench.service.ingestImages({
        dir: real,
        metadataCsv: join(real, 'labels.csv'),
      });
      expect(report).toMatchObject({
        accepted: 135,
        rejected: [],
        warnings: [],
        picturesRead: 485,
        withoutMetadata: 0,
      });
      const glitches = await bench.glitches();
      expect(new Set(glitches.map(({ trigger }) => trigger?.label)).size).toBe(22);
      expect(glitches.reduce((sum, { windows }) => sum + windows.length, 0)).toBe(485);
    });
  },
);

function brightest(data: Uint8Array): { row: number; column: number } {
  let at = 0;
  for (let i = 1; i < data.length; i += 1) if ((data[i] ?? 0) > (data[at] ?? 0)) at = i;
  return { row: Math.floor(at / 128), column: at % 128 };
}

interface CellMatchers {
  toBeCloseToCell(expected: { row: number; column: number }): void;
}
declare module 'vitest' {
  interface Matchers extends CellMatchers {}
}
expect.extend({
  /** The picture was drawn and read back: within two cells. */
  toBeCloseToCell(
    found: { row: number; column: number },
    expected: { row: number; column: number },
  ) {
    const pass =
      Math.abs(found.row - expected.row) <= 2 && Math.abs(found.column - expected.column) <= 2;
    return {
      pass,
      message: () => `expected cell ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`,
    };
  },
});
