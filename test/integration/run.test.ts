import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliResult, repositoryDir, runCli, spawnCli } from '../fixtures/cli-process.js';
import { simulatePictures } from '../fixtures/picture-folder.js';
import { type RunFiles, readRunFiles, readTable } from '../fixtures/run-files.js';
import { killHard } from '../fixtures/start-process.js';
import { waitFor } from '../fixtures/wait-for.js';

const total = 60;
let dir: string;
let images: string;
let first: RunFiles;

const runArgs = (out: string) => {
  const metadata = join(images, 'metadata.csv');
  return ['run', '--images', images, '--metadata', metadata, '--out', join(dir, out)];
};

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'glitchwatch-run-'));
  images = join(dir, 'images');
  await simulatePictures(images, { count: total, seed: 3, classes: 'demo' });
  const { code, stderr } = await runCli(runArgs('a'));
  expect(stderr).toContain(`${total} glitches accepted`);
  expect(code).toBe(0);
  first = await readRunFiles(join(dir, 'a'));
}, 300_000);
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Purity and noise of the table itself, to hold the summary to. */
function agreement(rows: readonly Record<string, string>[]) {
  const byFamily = new Map<string, Map<string, number>>();
  const assigned = rows.filter(({ family_id, label }) => Number(family_id) >= 0 && label !== '');
  for (const { family_id = '', label = '' } of assigned) {
    const labels = byFamily.get(family_id) ?? new Map<string, number>();
    byFamily.set(family_id, labels.set(label, (labels.get(label) ?? 0) + 1));
  }
  const majorities = [...byFamily.values()].map((labels) => Math.max(...labels.values()));
  const entropies = [...byFamily.values()].map((labels) => {
    const counts = [...labels.values()];
    const size = counts.reduce((sum, n) => sum + n, 0);
    return -counts.reduce((sum, n) => sum + n * Math.log(n / size), 0);
  });
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  return {
    purity: sum(majorities) / assigned.length,
    entropy: sum(entropies) / assigned.length,
    noise: rows.filter(({ family_id }) => family_id === '-1').length / rows.length,
  };
}

/** What holds for the files of any run with labels. */
function checkRun(files: RunFiles, nGlitches: number): void {
  const { assignments, families, map, embeddings, summary, report } = files;
  expect(assignments).toHaveLength(nGlitches);
  expect(new Set(assignments.map(({ glitch_id }) => glitch_id)).size).toBe(nGlitches);
  expect(assignments.map(({ row }) => Number(row))).toEqual([...assignments.keys()]);
  expect(map.shape).toEqual([nGlitches, 2]);
  expect(embeddings.shape[0]).toBe(nGlitches);
  expect(summary.glitches).toBe(nGlitches);
  expect(summary.families).toBe(families.length);

  const known = new Set([...families.map(({ family_id }) => family_id), '-1']);
  const width = embeddings.shape[1] ?? 0;
  assignments.forEach(({ family_id = '', map_x, map_y }, row) => {
    expect(known).toContain(family_id);
    expect([map.data[2 * row], map.data[2 * row + 1]]).toEqual(
      [map_x, map_y].map((text) => Math.fround(Number(text))),
    );
    const vector = embeddings.data.subarray(row * width, (row + 1) * width);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
  });
  for (const { family_id, n_members } of families) {
    const members = assignments.filter((row) => row.family_id === family_id);
    expect(members).toHaveLength(Number(n_members));
    expect(report).toContain(`family ${family_id}, ${n_members} glitches`);
  }
  const { purity, entropy, noise } = agreement(assignments);
  expect(summary.purity).toBeCloseTo(purity, 10);
  expect(summary.entropy).toBeCloseTo(entropy, 10);
  expect(summary.noise_fraction).toBeCloseTo(noise, 10);
  expect(report).toContain('<!doctype html>');
}

describe('run over simulated pictures', () => {
  it('writes every file, one row per glitch, figures that agree with the table', async () => {
    checkRun(first, total);
    const metadata = await readTable(join(images, 'metadata.csv'));
    const labels = new Map(metadata.map((row) => [row.gravityspy_id, row.label]));
    for (const { external_id, label } of first.assignments) {
      expect(label).toBe(labels.get(external_id));
    }
    expect(first.summary.purity).toBeGreaterThan(0.7);
    expect(first.summary.problems).toEqual([]);
    expect((await readdir(join(dir, 'a'))).sort()).toEqual([
      'assignments.csv',
      'embeddings.npy',
      'families.csv',
      'map.npy',
      'report.html',
      'summary.json',
    ]);
  });

  /** Starts the run and ends it by a signal when its log has so many bytes. */
  async function interrupted(signal: 'SIGINT' | 'SIGKILL', logBytes: number): Promise<CliResult> {
    const log = join(dir, 'b', '.work', 'log', 'data.mdb');
    const running = spawnCli(runArgs('b'));
    await waitFor(
      'some glitches in the log',
      async () => {
        expect(running.child.exitCode).toBeNull();
        return (await stat(log)).size >= logBytes ? true : undefined;
      },
      { everyMs: 2 },
    );
    running.child.kill(signal);
    return running.ended;
  }

  it('gives the same bytes after it was interrupted and killed', { timeout: 300_000 }, async () => {
    for (const logBytes of [100_000, 500_000, 900_000]) {
      expect(await interrupted('SIGINT', logBytes)).toEqual({ code: 130, stdout: '', stderr: '' });
    }
    expect(await interrupted('SIGKILL', 1_300_000)).toMatchObject({ code: null, stdout: '' });
    expect(existsSync(join(dir, 'b', 'assignments.csv'))).toBe(false);

    const late = spawnCli(runArgs('b'));
    await waitFor(
      'the first result',
      () => (existsSync(join(dir, 'b', 'assignments.csv')) ? true : undefined),
      { everyMs: 1 },
    );
    await killHard(late);
    expect(late.output().stderr).not.toContain(' 0 known already');

    const { code, stdout } = await runCli([...runArgs('b'), '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ glitches: total });
    const again = await readRunFiles(join(dir, 'b'));
    expect(again.assignmentsCsv).toBe(first.assignmentsCsv);
    expect(again.embeddings.data).toEqual(first.embeddings.data);
  });

  it('refuses a second run into the same folder at the same time', async () => {
    const running = spawnCli(runArgs('c'));
    await waitFor(
      'the lock',
      () => (existsSync(join(dir, 'c', '.work', 'log')) ? true : undefined),
      { everyMs: 5 },
    );
    const { code, stderr } = await runCli(runArgs('c'));
    expect(code).toBe(1);
    expect(stderr).toContain(`in use by process ${running.child.pid}`);
    expect((await running.ended).code).toBe(0);
    expect((await readRunFiles(join(dir, 'c'))).assignmentsCsv).toBe(first.assignmentsCsv);
  });
});

const shared = process.env.GLITCHWATCH_SHARED ?? join(repositoryDir, '..', 'shared');
const gravitySpy = join(shared, 'data', 'gravityspy');
const isPresent = existsSync(join(gravitySpy, 'labels.csv'));
const reason = isPresent ? '' : ` (skipped: reference data not found at ${gravitySpy})`;

describe.skipIf(!isPresent)(`run over the real Gravity Spy pictures${reason}`, () => {
  it('assigns each subject once', { timeout: 300_000 }, async () => {
    const out = join(dir, 'real');
    const labels = join(gravitySpy, 'labels.csv');
    const { code, stderr } = await runCli([
      'run',
      '--images',
      gravitySpy,
      '--metadata',
      labels,
      '--out',
      out,
    ]);
    expect(stderr).toContain('135 glitches accepted');
    expect(code).toBe(0);
    const files = await readRunFiles(out);
    checkRun(files, 135);
    const subjects = (await readTable(labels)).map(
      (row) => `${row.ifo} ${row.gravityspy_id} ${row.label}`,
    );
    const found = files.assignments.map((row) => `${row.ifo} ${row.external_id} ${row.label}`);
    expect(found.sort()).toEqual(subjects.sort());
  });
});
