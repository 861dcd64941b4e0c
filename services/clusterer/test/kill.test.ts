import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createRng } from '@glitchwatch/numerics';
import { AlertState } from '@glitchwatch/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Blobs, glitchRecord, type TestGlitch } from './blobs.js';
import {
  openPorts,
  type Ports,
  readAlerts,
  readAssignments,
  readModels,
  repeatedAssignments,
  temporaryFolder,
  until,
} from './harness.js';

/** Fits and activations all the time, so that a kill often meets one. */
const config = {
  minFit: 60,
  refitEveryCount: 25,
  refitGrowth: 0,
  umapEpochs: 20,
  minClusterSize: 5,
  tickMs: 10,
  leaseTtlMs: 200,
  maxBatchRecords: 8,
};
const KILLS = 8;
const GLITCHES_PER_LIFE = 40;
const script = fileURLToPath(new URL('clusterer-process.mjs', import.meta.url));

describe('a clusterer killed with SIGKILL at random moments', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let ports: Ports;
  let child: ChildProcess | undefined;
  const sent: TestGlitch[] = [];

  beforeAll(async () => {
    folder = await temporaryFolder();
    ports = await openPorts(folder.dir);
  });

  afterAll(async () => {
    await kill('SIGKILL');
    await ports.close();
    await folder.remove();
  });

  const start = (): void => {
    child = spawn(process.execPath, [script, folder.dir, JSON.stringify(config)], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  };

  async function kill(signal: NodeJS.Signals): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  it('gives each glitch one assignment per model version and each group one alert', {
    timeout: 120_000,
  }, async () => {
    const rng = createRng(11);
    const blobs = new Blobs({ seed: 12, dimension: 16 });
    const send = async (): Promise<void> => {
      const glitches = Array.from({ length: GLITCHES_PER_LIFE }, (_, i) => {
        // From the third life on, now and then one of a blob that no model has seen.
        const blob = sent.length > 80 && i % 10 === 0 ? 4 : i % 4;
        return glitchRecord(sent.length + i, blob, blobs.draw(blob));
      });
      await ports.log.append(glitches.map(({ record }) => record));
      sent.push(...glitches);
    };
    const newestVersion = async (): Promise<number> =>
      (await readModels(ports.log)).at(-1)?.modelVersion ?? 0;
    const countAssignments = async (): Promise<number> => (await readAssignments(ports.log)).length;
    for (let life = 0; life < KILLS; life++) {
      const before = { version: await newestVersion(), assignments: await countAssignments() };
      await send();
      start();
      // Not the start-up but the work is to be hit: a batch and a fit, or what follows an activation.
      if (life % 2 === 1)
        await until('the next model', async () => (await newestVersion()) > before.version);
      else if (before.version > 0)
        await until('an assignment', async () => (await countAssignments()) > before.assignments);
      await delay(rng.nextInt(life % 2 === 1 ? 60 : 300));
      await kill('SIGKILL');
    }

    start();
    await send();
    const last = await until('everything assigned under one model', async () => {
      const newest = await newestVersion();
      const assignments = await readAssignments(ports.log);
      const done = assignments.filter(({ modelVersion }) => modelVersion === newest).length;
      return done >= sent.length && newest;
    });
    await kill('SIGTERM');
    expect(child?.exitCode).toBe(0);

    const assignments = await readAssignments(ports.log);
    expect(repeatedAssignments(assignments)).toEqual([]);
    const underLast = assignments.filter(({ modelVersion }) => modelVersion === last);
    expect(underLast.map(({ glitchId }) => glitchId).sort()).toEqual(
      sent.map(({ glitchId }) => glitchId).sort(),
    );
    expect(last).toBeGreaterThanOrEqual(KILLS / 2);

    const alerts = await readAlerts(ports.log);
    const revisions = alerts.map(({ alertId, revision }) => `${alertId} ${revision}`);
    expect(new Set(revisions).size).toBe(revisions.length);
    const foundings = alerts.filter(({ state }) => state === AlertState.ALERT_STATE_OPEN);
    const members = foundings.flatMap(({ memberGlitchIds }) => memberGlitchIds);
    expect(new Set(members).size).toBe(members.length);
  });
});
