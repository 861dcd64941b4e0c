import { existsSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Trigger } from '@glitchwatch/proto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeGwoscFile, writeOmicronHdf5 } from '../../../test/fixtures/strain-files.js';
import { waitFor } from '../../../test/fixtures/wait-for.js';
import type { IngestProblem } from '../src/errors.js';
import { createScanPool, type ScanPool } from '../src/strain/scan-pool.js';
import { clusterTriggers } from '../src/triggers/cluster-triggers.js';
import { readTriggers } from '../src/triggers/read-triggers.js';
import { startBench, temporaryFolder } from './harness.js';

let folder: { dir: string; remove(): Promise<void> };
let pool: ScanPool;

beforeEach(async () => {
  folder = await temporaryFolder();
  pool = createScanPool({ size: 1 });
});
afterEach(async () => {
  await pool.close();
  await folder.remove();
});

const START = 1_200_000_000;
const at = (name: string): string => join(folder.dir, name);

async function put(name: string, content: string | Buffer): Promise<string> {
  await writeFile(at(name), content);
  return at(name);
}

async function read(file: string, ifo?: string) {
  const rejected: IngestProblem[] = [];
  const onRejected = (problem: IngestProblem) => rejected.push(problem);
  const triggers = await readTriggers({ file, ifo, pool, onRejected });
  return { triggers, rejected };
}

/** A LIGO_LW document with a table before the one that counts. */
function ligoLw(columns: readonly string[], rows: readonly string[]): string {
  const heads = columns.map((name) => `<Column Type="lstring" Name="sngl_burst:${name}"/>`);
  return `<?xml version='1.0' encoding='utf-8'?>
<!DOCTYPE LIGO_LW SYSTEM "http://ldas-sw.ligo.caltech.edu/doc/ligolwAPI/html/ligolw_dtd.txt">
<LIGO_LW>
  <Table Name="process:table"><Column Type="lstring" Name="process:ifo"/>
    <Stream Delimiter="," Type="Local" Name="process:table">"not, this"</Stream></Table>
  <Table Name="sngl_burst:table">${heads.join('')}
    <Stream Delimiter="," Type="Local" Name="sngl_burst:table">
      ${rows.join(',\n      ')}
    </Stream></Table>
</LIGO_LW>`;
}

const columns = [
  'ifo',
  'peak_time',
  'peak_time_ns',
  'snr',
  'peak_frequency',
  'channel',
  'event_id',
];
const row = (second: number, ns: number, snr: number) =>
  `"H1",${START + second},${ns},${snr},180.5,"GDS-CALIB, \\"STRAIN\\"","sngl_burst:event_id:${second}"`;

describe('readTriggers', { timeout: 60_000 }, () => {
  it('reads LIGO_LW, plain and gzip, exact to the nanosecond', async () => {
    const xml = ligoLw(columns, [row(10, 123456789, 9.5), row(11, 1, 7)]);
    for (const file of [await put('a.xml', xml), await put('b.xml.gz', gzipSync(xml))]) {
      const { triggers, rejected } = await read(file);
      expect(rejected).toEqual([]);
      expect(triggers.length).toBe(2);
      expect(triggers[0]).toMatchObject({
        ifo: 'H1',
        peakGpsNs: 1_200_000_010_123_456_789n,
        snr: 9.5,
        peakFrequencyHz: 180.5,
        channel: 'GDS-CALIB, "STRAIN"',
        externalId: 'sngl_burst:event_id:10',
        source: 'triggers',
      });
    }
  });

  it('reads CSV and HDF5 by their headers, the detector by the name of the file', async () => {
    const csv = await put('L1-triggers.csv', `snr,time,tstart,tend\n8,${START + 5}.25,1,1.5\n`);
    expect((await read(csv)).triggers).toMatchObject([
      { ifo: 'L1', peakGpsNs: 1_200_000_005_250_000_000n, snr: 8, durationSec: 0.5 },
    ]);
    const hdf5 = await writeOmicronHdf5(at('V1-OMICRON-1-2.h5'), [
      { time: START + 5.25, snr: 11, frequency: 42 },
      { time: START + 6, snr: 12, frequency: 43 },
    ]);
    expect((await read(hdf5)).triggers).toMatchObject([
      { ifo: 'V1', peakGpsNs: 1_200_000_005_250_000_000n, snr: 11, peakFrequencyHz: 42 },
      { ifo: 'V1', peakGpsNs: 1_200_000_006_000_000_000n, snr: 12 },
    ]);
  });

  it('reports bad rows by number and field, and reads the rest', async () => {
    const xml = ligoLw(columns, [row(1, 0, -4), row(2, 0, 8), '"H1",12', row(4, 2e9, 8)]);
    const { triggers, rejected } = await read(await put('rows.xml', xml));
    // A short row shifts those after it: LIGO_LW has no line ends to begin anew at.
    expect(triggers.map(({ snr }) => snr)).toEqual([8]);
    expect(rejected[0]).toMatchObject({
      code: 'bad_field',
      row: 1,
      field: 'snr',
      message: expect.stringContaining('rows.xml row 1: Bad snr'),
    });
    const csv = await put('H1-rows.csv', `time,snr\n5,8\nsoon,8\n7\n8,nan\n9,8\n`);
    const table = await read(csv);
    expect(table.triggers.length).toBe(2);
    expect(table.rejected.map(({ row: at, code }) => [at, code])).toEqual([
      [3, 'bad_field'],
      [4, 'bad_row'],
      [5, 'bad_field'],
    ]);
  });

  it.each([
    [
      'a column that is missing',
      'H1.xml',
      ligoLw(['ifo', 'peak_time'], []),
      'missing_column',
      'snr',
    ],
    ['XML cut short', 'H1.xml', '<LIGO_LW><Table Name="sngl_burst:table">', 'bad_table', 'XML'],
    ['XML of another table', 'H1.xml', '<LIGO_LW></LIGO_LW>', 'bad_table', 'sngl_burst'],
    [
      'gzip cut short',
      'H1.xml.gz',
      gzipSync(ligoLw(columns, [])).subarray(0, 80),
      'unreadable_file',
      'unexpected end',
    ],
    ['a CSV without a detector', 'table.csv', 'time,snr\n1,2\n', 'missing_column', 'ifo'],
    ['numbers of no known table', 'H1_a.txt', '1 2 3\n', 'bad_table', '3 columns'],
    [
      'HDF5 without triggers',
      'H1.h5',
      Buffer.from('\x89HDF\r\n\x1a\nno', 'latin1'),
      'bad_table',
      'H1.h5',
    ],
  ])('refuses %s', async (_, name, content, code, found) => {
    await expect(read(await put(name, content))).rejects.toMatchObject({
      code,
      message: expect.stringContaining(found),
    });
  });
});

describe('ingestTriggers', { timeout: 120_000 }, () => {
  const burst = (timeSec: number) => ({ timeSec, frequencyHz: 180, q: 10, snr: 20 });
  const open = (strain = {}) =>
    startBench({
      dir: at('data'),
      config: {
        grpc: { enabled: false },
        http: { enabled: false },
        strain: { threads: 1, writeFinishMs: 50, ...strain },
      },
    });

  it('clusters, scans what strain covers, and refuses the rest by name', async () => {
    const bench = await open();
    try {
      const strain = await writeGwoscFile(at('H-H1_S-1-2.hdf5'), {
        startGps: START,
        seconds: 24,
        bursts: [burst(12)],
      });
      const table = await put(
        'H1-t.csv',
        `time,snr\n${START + 12}.0,20\n${START + 12}.05,9\n${START + 99},8\n${START + 12}.3,1\n`,
      );
      const report = await bench.service.ingestTriggers({
        triggers: [table],
        strain: [strain],
        minSnr: 5,
      });
      expect(report).toMatchObject({ accepted: 1, scans: 1, glitchesFound: 2, rejectedCount: 1 });
      expect(report.rejected[0]).toMatchObject({
        code: 'no_strain',
        message: `Trigger of H1 at GPS ${START + 99}.000000000: expected strain at that time; found none in the files given.`,
      });
      const [glitch] = await bench.glitches();
      expect(glitch!.trigger).toMatchObject({
        channel: 'S',
        snr: 20,
        extra: { cluster_size: '2' },
        dataQuality: 'DATA BURST_CAT1',
      });
      // The table has no frequency: the scan says it.
      expect(Math.abs(Math.log2(glitch!.trigger!.peakFrequencyHz! / 180))).toBeLessThan(0.2);
      expect(glitch!.windows.length).toBe(4);
    } finally {
      await bench.close();
    }
  });

  it('lets triggers wait for their strain, and reports those that waited in vain', async () => {
    const bench = await open({ maxWaiting: 2 });
    const watched = at('watched');
    await mkdir(watched);
    const ending = new AbortController();
    try {
      const run = bench.service.ingestTriggers({
        triggers: [],
        strain: [],
        watchDir: watched,
        signal: ending.signal,
      });
      // Three are one too many: the oldest is crowded out.
      const times = [START - 50, START + 12, START + 99].map((time) => `${time},8\n`).join('');
      await put('t', `time,snr\n${times}`);
      await copyFile(at('t'), join(watched, 'H1-t.csv'));
      await waitFor('the one crowded out', async () =>
        (await bench.metric('glitchwatch_ingest_errors_total{code="no_strain"}')) === 1
          ? true
          : undefined,
      );
      await writeGwoscFile(at('s'), { startGps: START, seconds: 24, bursts: [burst(12)] });
      await copyFile(at('s'), join(watched, 'H-H1_S-1-2.hdf5'));
      await waitFor('a glitch', async () => (await bench.glitches())[0]);
      ending.abort();
      const report = await run;
      expect(report).toMatchObject({ accepted: 1, rejectedCount: 2 });
      expect(report.rejected.map(({ message }) => message)).toEqual([
        expect.stringContaining(
          `${START - 50}.000000000: expected strain at that time; found 2 others`,
        ),
        expect.stringContaining(`${START + 99}.000000000`),
      ]);
    } finally {
      ending.abort();
      await bench.close();
    }
  });
});

const shared =
  process.env.GLITCHWATCH_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const tables = `${shared}/data/triggers`;
const isThere = existsSync(tables);
const skipped = isThere ? '' : ` (skipped: real triggers not found at ${tables})`;

describe.skipIf(!isThere)(`real tables${skipped}`, { timeout: 60_000 }, () => {
  const whole = async (file: string): Promise<Trigger[]> => {
    const { triggers, rejected } = await read(`${tables}/${file}`);
    expect(rejected).toEqual([]);
    return triggers;
  };

  // Clusters: EventTable.cluster('time', 'snr', 0.1) of GWpy 4.1 on the same rows.
  it.each([
    ['omicron/H1-LDAS_STRAIN-968654552-10.xml.gz', 2052, 6],
    ['normalized/H1_excesspower_968654552.csv', 2052, 6],
    ['normalized/aspin_Categories.csv', 204, 183],
    ['normalized/aspin_Categories2.csv', 100, 100],
    ['archenemy/H1_NO_INJ.txt', 2749, 1951],
    ['archenemy/H1_NO_INJ_artefacts.hdf', 2749, 1951],
  ])('reads %s', async (file, rows, clusters) => {
    const triggers = await whole(file);
    expect(triggers.length).toBe(rows);
    expect(clusterTriggers(triggers, 0.1).length).toBe(clusters);
  });

  it('reads Omicron with its frequencies', async () => {
    const file = 'L1-DCH_FAKE_STRAIN_16k_BBH-SEOBNRv3_OMICRON-1173188120-14996.xml.gz';
    const triggers = await whole(`omicron/${file}`);
    expect(
      triggers.map(({ peakGpsNs, snr, peakFrequencyHz }) => [peakGpsNs, snr, peakFrequencyHz]),
    ).toEqual([
      [1173197715312500000n, 7.01899, 35.442371],
      [1173197716531250000n, 5.1224399, 43.886951],
      [1173197717328125000n, 7.5879202, 57.736],
    ]);
  });

  it('reads an event of cWB as one trigger of each detector', async () => {
    const triggers = await whole('cwb/EVENTS_GK_20200415.txt');
    expect(triggers.length).toBe(128);
    expect(triggers.slice(0, 2)).toMatchObject([
      { ifo: 'K1', peakGpsNs: 1270975689076200000n, centralFrequencyHz: 502, bandwidthHz: 280 },
      { ifo: 'G1', peakGpsNs: 1270975689076100000n, durationSec: 0.062 },
    ]);
    expect(triggers[0]!.snr).toBeCloseTo(Math.sqrt(500), 9);
  });

  it('says what is wrong with a table in one quoted line', async () => {
    await expect(read(`${tables}/omicron/aspin_Categories.csv`, 'L1')).rejects.toMatchObject({
      file: `${tables}/omicron/aspin_Categories.csv`,
    });
  });
});
