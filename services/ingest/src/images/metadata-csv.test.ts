import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IngestProblem } from '../errors.js';
import { readMetadataCsv } from './metadata-csv.js';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ingest-csv-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function readFileNamed(file: string, keep: (key: string) => boolean = () => true) {
  const rejected: IngestProblem[] = [];
  const warnings: IngestProblem[] = [];
  const metadata = await readMetadataCsv({
    file,
    keep,
    onRejected: (problem) => rejected.push(problem),
    onWarning: (problem) => warnings.push(problem),
  });
  return { ...metadata, rejected, warnings };
}

async function read(text: string, keep?: (key: string) => boolean) {
  const file = join(dir, 'metadata.csv');
  await writeFile(file, text);
  return readFileNamed(file, keep);
}

describe('readMetadataCsv', () => {
  it('reads by header, in any order and case, with a BOM, CRLF and quoted commas', async () => {
    const { triggers, rejected } = await read(
      '\uFEFFsnr,Label,IFO,comment,GravitySpy_ID,peak_time_ns,peak_time,event_time\r\n' +
        '7.5,"Blip, loud",H1,"said ""no"", twice",abc,931639909,1134216192,1134216192.93164\r\n',
    );
    expect(rejected).toEqual([]);
    expect(triggers.get('H1_abc')).toMatchObject({
      ifo: 'H1',
      externalId: 'abc',
      label: 'Blip, loud',
      snr: 7.5,
      peakGpsNs: 1134216192931639909n,
      source: 'images',
      extra: { comment: 'said "no", twice' },
    });
  });

  it('takes event_time as exact decimal where there is no better, and a written index for no column', async () => {
    const { triggers } = await read(
      ',event_time,ifo,gravityspy_id,label\n5,1163421591.62109,H1,tsUHxRhgQU,1080Lines\n',
    );
    const trigger = triggers.get('H1_tsUHxRhgQU');
    expect(trigger?.peakGpsNs).toBe(1163421591621090000n);
    expect(trigger?.extra).toEqual({});
  });

  it('prefers the human label and keeps the other column', async () => {
    const { triggers } = await read('gravityspy_id,ifo,ml_label,label\na,L1,Tomte,Blip\n');
    expect(triggers.get('L1_a')).toMatchObject({ label: 'Blip', extra: { ml_label: 'Tomte' } });
    const { triggers: machine } = await read('gravityspy_id,ifo,ml_label\na,L1,Tomte\n');
    expect(machine.get('L1_a')?.label).toBe('Tomte');
  });

  it('names file, column and the columns found where one is missing', async () => {
    await expect(read('id,ifo,label\na,H1,Blip\n')).rejects.toMatchObject({
      code: 'missing_column',
      message: expect.stringMatching(/metadata\.csv has no column gravityspy_id.*id, ifo, label/),
    });
  });

  it('refuses bad rows by number and goes on', async () => {
    const { triggers, refused, rejected } = await read(
      [
        'gravityspy_id,ifo,snr,peak_frequency,event_time',
        'good,H1,8,100,1000.5',
        'nan,H1,NaN,100,1000.5',
        'negative,H1,-3,100,1000.5',
        'where,X9,8,100,1000.5',
        'infinite,H1,8,inf,1000.5',
        'time,H1,8,100,yesterday',
        'short,H1,8',
        ',H1,8,100,1000.5',
        'last,V1,,,',
      ].join('\n'),
    );
    expect([...triggers.keys()]).toEqual(['H1_good', 'V1_last']);
    expect(rejected.map(({ row, code, field }) => [row, code, field])).toEqual([
      [3, 'bad_field', 'snr'],
      [4, 'bad_field', 'snr'],
      [5, 'unknown_detector', 'ifo'],
      [6, 'bad_field', 'peakFrequencyHz'],
      [7, 'bad_field', 'event_time'],
      [8, 'bad_row', undefined],
      [9, 'bad_field', 'gravityspy_id'],
    ]);
    expect(rejected[1]?.message).toMatch(
      /metadata\.csv row 4: Bad snr: expected .*not negative; found -3/,
    );
    expect(refused.has('H1_nan')).toBe(true);
    expect(triggers.get('V1_last')).toMatchObject({ snr: undefined, peakGpsNs: undefined });
  });

  it('lets the first of several rows count, and warns only where they disagree', async () => {
    const { triggers, warnings } = await read(
      'gravityspy_id,ifo,window_s,label\na,H1,0.5,Blip\na,H1,1.0,Blip\na,H1,2.0,Tomte\n',
    );
    expect(triggers.get('H1_a')?.label).toBe('Blip');
    expect(warnings.map(({ row, code }) => [row, code])).toEqual([[4, 'repeated_row']]);
  });

  it('counts rows that nobody asked for', async () => {
    const text = 'gravityspy_id,ifo\na,H1\nb,H1\nc,H1\n';
    const { triggers, rowsNotKept } = await read(text, (key) => key === 'H1_b');
    expect([...triggers.keys()]).toEqual(['H1_b']);
    expect(rowsNotKept).toBe(2);
  });

  it.each([
    ['an empty file', '', 'bad_csv'],
    ['an unclosed quote', 'gravityspy_id,ifo\n"a,H1\nb,H1\n', 'bad_csv'],
  ])('refuses %s', async (_what, text, code) => {
    await expect(read(text)).rejects.toMatchObject({ code });
  });

  it('says so where there is no file', async () => {
    await expect(readFileNamed(join(dir, 'none.csv'))).rejects.toMatchObject({
      code: 'unreadable_file',
      message: expect.stringContaining('none.csv'),
    });
  });
});

const shared =
  process.env.GLITCHWATCH_SHARED ??
  fileURLToPath(new URL('../../../../../shared', import.meta.url));
const isPresent = existsSync(join(shared, 'data'));

describe.skipIf(!isPresent)(
  isPresent ? 'real tables' : `skipped: reference data not found at ${shared}`,
  () => {
    it.each([
      ['gravityspy/labels.csv', 135],
      ['gravityspy/manifest.csv', 135],
      ['metadata/gravityspy_trainingset_labels_8576.csv', 8576],
      ['metadata/gwml_missing.csv', 1095],
      ['metadata/gravityspy_trainingset_v1d1_sample30.csv', 30],
    ])('%s: %i glitches and nothing refused', async (file, expected) => {
      const { triggers, rejected, warnings } = await readFileNamed(join(shared, 'data', file));
      expect(rejected).toEqual([]);
      expect(warnings).toEqual([]);
      expect(triggers.size).toBe(expected);
    });

    it('peak time to the nanosecond and every column accounted for', async () => {
      const file = join(shared, 'data/metadata/gravityspy_trainingset_v1d1_sample30.csv');
      const { triggers } = await readFileNamed(file);
      const trigger = triggers.get('L1_zmIdpucyOG');
      expect(trigger).toMatchObject({
        peakGpsNs: 1134216192931639909n,
        channel: 'GDS-CALIB_STRAIN',
        snr: 7.511390209198,
        peakFrequencyHz: 1337.6953125,
        label: 'Whistle',
      });
      expect(trigger?.extra).toMatchObject({ sample_type: 'train', event_id: '21' });
    });
  },
);
