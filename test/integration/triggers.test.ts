import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliProcess, runCli, spawnCli } from '../fixtures/cli-process.js';
import { killHard, pickPorts, type StartPorts } from '../fixtures/start-process.js';
import { startWithModel } from '../fixtures/start-with-model.js';
import { type Burst, writeGwoscFile } from '../fixtures/strain-files.js';
import { waitFor } from '../fixtures/wait-for.js';

const nKnown = 90;

let dir: string;
let dataDir: string;
let ports: StartPorts;
let started: CliProcess;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'glitchwatch-triggers-'));
  dataDir = join(dir, 'data');
  ports = await pickPorts();
  started = await startWithModel(dataDir, ports, nKnown);
}, 300_000);
afterAll(async () => {
  await killHard(started);
  await rm(dir, { recursive: true, force: true });
});

/** A table of one trigger as Omicron writes it. */
function omicronXml(gpsSec: number): Buffer {
  const columns = ['ifo', 'channel', 'peak_time', 'peak_time_ns', 'peak_frequency', 'snr'];
  const heads = columns.map((name) => `<Column Type="lstring" Name="sngl_burst:${name}"/>`);
  return gzipSync(`<?xml version='1.0' encoding='utf-8'?>
<LIGO_LW>
  <Table Name="sngl_burst:table">${heads.join('')}
    <Stream Delimiter="," Type="Local" Name="sngl_burst:table">
      "H1","GDS-CALIB_STRAIN",${gpsSec},250000000,120,20
    </Stream></Table>
</LIGO_LW>`);
}

interface Assignment {
  readonly modelVersion: number;
  readonly trigger: { readonly peakGpsNs: string };
  readonly neighbours: readonly unknown[];
  readonly noveltyPValue: number;
}

/** What a subscriber hears of glitches after a moment of GPS. */
async function assignmentsBetween(first: number, last: number, count: number) {
  const gateway = `127.0.0.1:${ports.grpc}`;
  const heard = spawnCli([
    ...['subscribe', 'assignments', '--gateway', gateway, '--from', 'earliest', '--json'],
  ]);
  try {
    return await waitFor('the assignments', async () => {
      const assignments = heard
        .output()
        .stdout.split('\n')
        .slice(0, -1)
        .map((line) => (JSON.parse(line) as { assignment: Assignment }).assignment)
        .filter(({ trigger }) => {
          const gps = Number(trigger.peakGpsNs) / 1e9;
          return gps >= first && gps <= last;
        });
      return assignments.length >= count ? assignments : undefined;
    });
  } finally {
    await killHard(heard);
  }
}

const bursts = (times: readonly number[]): Burst[] =>
  times.map((timeSec) => ({ timeSec, frequencyHz: 120, q: 10, snr: 20 }));

async function ingestTriggers(table: string, strain: string) {
  const args = ['ingest', 'triggers', table, '--strain', strain, '--data-dir', dataDir, '--json'];
  const told = await runCli(args);
  expect(told.stderr).toBe('');
  return JSON.parse(told.stdout) as { accepted: number; rejectedCount: number };
}

describe('triggers of Omicron in XML', { timeout: 300_000 }, () => {
  it('go to an assignment', async () => {
    const START = 1_200_000_000;
    const table = join(dir, 'H1-OMICRON-1-2.xml.gz');
    await writeFile(table, omicronXml(START + 14));
    const strain = await writeGwoscFile(join(dir, `H-H1_S-${START}-30.hdf5`), {
      startGps: START,
      seconds: 30,
      bursts: bursts([14.25]),
    });
    expect(await ingestTriggers(table, strain)).toMatchObject({ accepted: 1, rejectedCount: 0 });
    const [assignment] = await assignmentsBetween(START, START + 30, 1);
    expect(assignment!.modelVersion).toBe(1);
    expect(assignment!.trigger.peakGpsNs).toBe(`${START + 14}250000000`);
    expect(assignment!.neighbours.length).toBeGreaterThan(0);
    expect(assignment!.noveltyPValue).toBeGreaterThan(0);
  });
});

const shared =
  process.env.GLITCHWATCH_SHARED ?? fileURLToPath(new URL('../../../shared', import.meta.url));
const real = `${shared}/data/triggers/omicron/H1-LDAS_STRAIN-968654552-10.xml.gz`;
const isThere = existsSync(real);
const skipped = isThere ? '' : ` (skipped: not found at ${real})`;

describe.skipIf(!isThere)(`a real table${skipped}`, { timeout: 300_000 }, () => {
  // No strain of these ten seconds is at hand: detector-like noise stands for it.
  it('goes to an assignment of each of its six clusters', async () => {
    const START = 968_654_530;
    const strain = await writeGwoscFile(join(dir, `H-H1_LDAS_STRAIN-${START}-60.hdf5`), {
      startGps: START,
      seconds: 60,
      bursts: bursts([22.95, 27.92]),
    });
    expect(await ingestTriggers(real, strain)).toMatchObject({ accepted: 6, rejectedCount: 0 });
    const assignments = await assignmentsBetween(START, START + 60, 6);
    expect(assignments.map(({ trigger }) => trigger.peakGpsNs.slice(0, 9)).sort()).toEqual([
      '968654552',
      '968654553',
      '968654557',
      '968654559',
      '968654560',
      '968654560',
    ]);
  });
});
