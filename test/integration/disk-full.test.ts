import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliProcess, runCli } from '../fixtures/cli-process.js';
import { manyGlitches } from '../fixtures/many-glitches.js';
import { multiplyPictures, simulatePictures } from '../fixtures/picture-folder.js';
import { glitchesIn } from '../fixtures/picture-world.js';
import { mountSmallDisk, type SmallDisk, whyNoSmallDisk } from '../fixtures/small-disk.js';
import {
  killHard,
  pickPorts,
  startGlitchwatch,
  statusOf,
  stopGently,
} from '../fixtures/start-process.js';
import { submitGlitches } from '../fixtures/submit-glitches.js';
import { waitFor } from '../fixtures/wait-for.js';

const whyNot = await whyNoSmallDisk();
const reason = whyNot === undefined ? '' : ` (skipped: no file system can be mounted: ${whyNot})`;
const stackLine = /^\s+at .+:\d+/m;

async function freeBytes(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize;
}

describe.skipIf(whyNot !== undefined)(`a full disk under ingest images${reason}`, () => {
  const total = 60;
  let dir: string;
  let images: string;
  let disk: SmallDisk;
  let dataDir: string;
  const ingest = () => runCli(['ingest', 'images', images, '--data-dir', dataDir]);

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'glitchwatch-disk-full-'));
    images = join(dir, 'images');
    await simulatePictures(join(dir, 'few'), { count: 6, seed: 2, classes: 'demo' });
    await multiplyPictures(join(dir, 'few'), images, total / 6);
    disk = mountSmallDisk(6);
    dataDir = join(disk.dir, 'data');
  }, 300_000);
  afterAll(async () => {
    await disk.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('ends with a sentence; with room it goes on from where it was', async () => {
    await disk.leave(1_400_000);
    const full = await ingest();
    expect(full).toMatchObject({ code: 1, stdout: '' });
    expect(full.stderr).toMatch(/glitchwatch: The disk is full.*make room/);
    expect(full.stderr).toContain(dataDir);
    expect(full.stderr).not.toMatch(stackLine);

    disk.grow(64);
    const kept = (await glitchesIn(dataDir)).length;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(total);
    const again = await ingest();
    expect(again.code).toBe(0);
    expect(again.stdout).toContain(
      `${total - kept} glitches accepted, ${kept} known already, 0 refused`,
    );
    const glitches = await glitchesIn(dataDir);
    expect(new Set(glitches.map(({ trigger }) => trigger?.glitchId)).size).toBe(total);
    expect(glitches).toHaveLength(total);
  });

  it('is told before anything is opened on a disk that has no room at all', async () => {
    await disk.leave(100_000);
    for (const args of [
      ['ingest', 'images', images, '--data-dir', join(disk.dir, 'other')],
      ['ingest', 'images', images, '--data-dir', dataDir],
      ['start', '--data-dir', dataDir],
      ['run', '--images', images, '--out', join(disk.dir, 'out')],
    ]) {
      const { code, stdout, stderr } = await runCli(args);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(
        /^glitchwatch: data folder \S+: the disk is full: expected .* found \d+\n$/,
      );
    }
  });
});

describe.skipIf(whyNot !== undefined)(`a full disk under start${reason}`, () => {
  let disk: SmallDisk;
  let started: CliProcess;

  beforeAll(() => {
    disk = mountSmallDisk(6);
  });
  afterAll(async () => {
    await killHard(started);
    await disk.close();
  });

  it('refuses what it cannot keep, loses nothing of the rest, goes on with room', {
    timeout: 300_000,
  }, async () => {
    const ports = await pickPorts();
    started = await startGlitchwatch(join(disk.dir, 'data'), ports);
    await disk.leave(600_000);
    const glitches = manyGlitches(40, { bases: 20 });
    const accepted: string[] = [];
    let refusal: ServiceError | undefined;
    let next = 0;
    while (refusal === undefined && next < glitches.length) {
      try {
        const { glitchIds } = await submitGlitches(
          ports.ingestGrpc,
          glitches.slice(next, next + 1),
        );
        accepted.push(...glitchIds);
        next += 1;
      } catch (error) {
        refusal = error as ServiceError;
      }
    }
    expect(refusal?.code).toBe(status.UNAVAILABLE);
    expect(refusal?.details).toMatch(/^The disk is full/);
    expect(accepted.length).toBeGreaterThan(0);
    expect(await freeBytes(disk.dir)).toBeLessThan(200_000);
    // It lives, answers and tries on.
    expect((await fetch(`http://127.0.0.1:${ports.metrics}/healthz`)).status).toBe(200);
    expect((await statusOf(ports)).nGlitches).toBe(accepted.length);

    disk.grow(64);
    const rest = await submitGlitches(ports.ingestGrpc, glitches.slice(next));
    accepted.push(...rest.glitchIds);
    expect(new Set(accepted).size).toBe(glitches.length);
    const kept = await waitFor('every glitch in the log', async () =>
      (await statusOf(ports)).nGlitches === glitches.length ? true : undefined,
    );
    expect(kept).toBe(true);
    await waitFor(
      'every glitch to be embedded',
      async () => {
        const text = await (await fetch(`http://127.0.0.1:${ports.metrics}/readyz`)).text();
        return text.includes(`${glitches.length} glitches known; no model yet`) ? true : undefined;
      },
      { deadlineMs: 90_000 },
    );
    expect(await stopGently(started)).toBe(0);
    expect(started.output().stderr).not.toMatch(stackLine);
    const inLog = await glitchesIn(join(disk.dir, 'data'));
    expect(inLog.map(({ trigger }) => trigger?.glitchId).sort()).toEqual([...accepted].sort());
  });
});
