import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGravitySpyPng } from '@glitchwatch/spectrogram';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../fixtures/cli-process.js';
import { readRunFiles } from '../fixtures/run-files.js';
import { writeGwoscFile } from '../fixtures/strain-files.js';

const START = 1_200_000_000;
const times = [6, 14, 22.5, 30, 39, 47, 55.2];
let dir: string;
let strain: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'glitchwatch-strain-'));
  strain = await writeGwoscFile(join(dir, `H-H1_GWOSC_4KHZ_R1-${START}-60.hdf5`), {
    startGps: START,
    seconds: 60,
    bursts: times.map((timeSec, i) => ({
      timeSec,
      frequencyHz: [60, 180, 500][i % 3]!,
      q: 10,
      snr: 22,
    })),
  });
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe('qscan', { timeout: 300_000 }, () => {
  it('draws four windows, or one that reads back as a Gravity Spy figure', async () => {
    const four = join(dir, 'four.png');
    const told = await runCli([
      'qscan',
      '--strain',
      strain,
      '--gps',
      `${START + 14}`,
      '--out',
      four,
      '--json',
    ]);
    expect(told.stderr).toBe('');
    expect(told.code).toBe(0);
    const result = JSON.parse(told.stdout) as Record<string, unknown>;
    expect(result).toMatchObject({
      ifo: 'H1',
      channel: 'GWOSC_4KHZ_R1',
      windows: [0.5, 1, 2, 4],
      data_quality: 'DATA BURST_CAT1',
      injections: [],
      known_event: null,
    });
    expect(Math.abs(Math.log2(Number(result.peak_frequency_hz) / 180))).toBeLessThan(0.2);
    expect(Math.abs(Number(result.peak_gps) - START - 14)).toBeLessThan(0.02);
    const { width, height } = await sharp(four).metadata();
    expect([width, height]).toEqual([1600, 1256]);

    const one = join(dir, 'one.png');
    const args = [
      'qscan',
      '--strain',
      strain,
      '--gps',
      `${START + 14}`,
      '--window',
      '0.5',
      '--out',
      one,
    ];
    expect((await runCli(args)).code).toBe(0);
    const { grid } = await readGravitySpyPng(await readFile(one));
    const top = grid.data.reduce((max, level) => Math.max(max, level), 0);
    let [count, x, y] = [0, 0, 0];
    grid.data.forEach((level, cell) => {
      if (level < top) return;
      count += 1;
      x += (cell % grid.nTime) / grid.nTime;
      y += Math.floor(cell / grid.nTime) / grid.nFrequency;
    });
    // The burst is in the middle, at 180 Hz of 10 to 2048.
    expect(Math.abs(x / count - 0.5)).toBeLessThan(0.1);
    expect(Math.abs(y / count - Math.log(2048 / 180) / Math.log(204.8))).toBeLessThan(0.1);
  });

  it.each([
    ['a time outside the file', ['--gps', '5'], 2, `expected a time from ${START}.000000000`],
    ['a time too near its end', ['--gps', `${START + 59.9}`], 1, 'found too little'],
    ['a detector that the file lacks', ['--gps', `${START + 9}`, '--ifo', 'V1'], 2, 'strain of V1'],
  ])('refuses %s', async (_, args, code, message) => {
    const out = join(dir, 'none.png');
    const result = await runCli(['qscan', '--strain', strain, '--out', out, ...args]);
    expect(result.stderr).toContain(message);
    expect(result.code).toBe(code);
  });
});

describe('run --strain', { timeout: 300_000 }, () => {
  it('finds, scans, embeds and assigns without any picture', async () => {
    const out = join(dir, 'out');
    const { code, stderr } = await runCli(['run', '--strain', strain, '--out', out]);
    expect(stderr).toContain(`${times.length} glitches accepted`);
    expect(code).toBe(0);
    const { assignments } = await readRunFiles(out);
    expect(assignments.map((row) => Math.round(Number(row.peak_gps) - START))).toEqual(
      expect.arrayContaining(times.map((time) => Math.round(time))),
    );
    expect(assignments.length).toBe(times.length);
  });

  it('wants one source', async () => {
    const { code, stderr } = await runCli(['run', '--out', join(dir, 'x')]);
    expect(stderr).toContain('expected one of --images and --strain, found neither');
    expect(code).toBe(2);
  });
});
