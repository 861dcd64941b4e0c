import { AssignmentOrigin, topics } from '@glitchwatch/proto';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Blobs, glitchRecord, type TestGlitch } from './blobs.js';
import {
  openPorts,
  type Ports,
  type RunningClusterer,
  readAlerts,
  readAssignments,
  readModels,
  repeatedAssignments,
  startClusterer,
  temporaryFolder,
  until,
  watched,
} from './harness.js';

vi.setConfig({ testTimeout: 90_000 });

const blobs = new Blobs({ seed: 61, dimension: 16 });
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let ports: Ports;
const running: RunningClusterer[] = [];
let sent: TestGlitch[];

beforeEach(async () => {
  sent = [];
  folder = await temporaryFolder();
  ports = await openPorts(folder.dir);
});
afterEach(async () => {
  for (const { service } of running.splice(0)) await service.stop();
  await ports.close();
  await folder.remove();
});

async function start(role: string, over: Partial<Ports> = {}): Promise<RunningClusterer> {
  // Four that are alike are not enough for an alert, so that a fifth may come under the next leader.
  const values = { role, automaticFits: false, minClusterSize: 8, alertMinGroupSize: 5 };
  const clusterer = await startClusterer({ ...ports, ...over }, values);
  running.push(clusterer);
  return clusterer;
}

async function send(count: number, blobOf = (i: number): number => i % 3): Promise<TestGlitch[]> {
  const glitches = Array.from({ length: count }, (_, i) =>
    glitchRecord(sent.length + i, blobOf(i), blobs.draw(blobOf(i))),
  );
  sent.push(...glitches);
  await ports.log.append(glitches.map(({ record }) => record));
  return glitches;
}

const allConsumed = () =>
  until('everything consumed', async () =>
    (await ports.log.lag('clusterer', [topics.embeddings])).every(({ lag }) => lag === 0n),
  );

const versionsOf = async ({ glitchId }: TestGlitch): Promise<number[]> =>
  (await readAssignments(ports.log))
    .filter((one) => one.glitchId === glitchId)
    .map(({ modelVersion }) => modelVersion);

it('assigners alone give nothing before the first model and no glitch twice after it', async () => {
  const [one, two] = [await start('assign'), await start('assign')];
  await send(90);
  await allConsumed();
  expect(await readAssignments(ports.log)).toEqual([]);
  await expect(one.service.fitNow()).rejects.toMatchObject({ code: 'wrong_role' });

  // What they have committed is the leader's.
  const leader = await start('refit');
  expect(leader.service.status().isLeader).toBe(true);
  expect(await leader.service.fitNow()).toMatchObject({ nReference: 90 });
  const given = await readAssignments(ports.log);
  expect(given).toHaveLength(90);
  expect(new Set(given.map(({ origin }) => origin))).toEqual(
    new Set([AssignmentOrigin.ASSIGNMENT_ORIGIN_REFERENCE]),
  );
  await leader.service.stop();

  await until('the model', () => two.service.status().modelVersion === 1);
  const live = await send(30);
  await allConsumed();
  // Repeats, from the reference and of live ones, to those who gave them and to who takes over.
  const again = [...sent.slice(0, 20), ...live].map(({ record }) => record);
  await ports.log.append(again);
  await allConsumed();
  await one.service.stop();
  await two.service.stop();
  await start('assign');
  await ports.log.append(again);
  const last = await send(1);
  await allConsumed();
  const assignments = await readAssignments(ports.log);
  expect(repeatedAssignments(assignments)).toEqual([]);
  expect(assignments).toHaveLength(90 + 30 + 1);
  expect(await versionsOf(last[0] as TestGlitch)).toEqual([1]);
  expect(await readModels(ports.log)).toHaveLength(1);
  expect(await readAlerts(ports.log)).toEqual([]);
});

it('a glitch placed by a replica that has not heard of the new model gets that one from the leader', async () => {
  const leader = await start('refit');
  let isBlind = false;
  const late = await start('assign', {
    blobs: {
      ...ports.blobs,
      get: async (key) => {
        if (isBlind) throw new Error('not to be seen yet');
        return await ports.blobs.get(key);
      },
      put: (key, value) => ports.blobs.put(key, value),
      list: (prefix) => ports.blobs.list(prefix),
      delete: (key) => ports.blobs.delete(key),
    },
  });
  await send(60);
  await allConsumed();
  await leader.service.fitNow();
  await until('the first model', () => late.service.status().modelVersion === 1);
  isBlind = true;
  await send(30);
  await allConsumed();
  await leader.service.fitNow();

  const [glitch] = await send(1);
  await until('both', async () => (await versionsOf(glitch as TestGlitch)).length === 2);
  expect(await versionsOf(glitch as TestGlitch)).toEqual([1, 2]);
  expect(late.service.status().modelVersion).toBe(1);
  isBlind = false;
  await until('the second model', () => late.service.status().modelVersion === 2);
  const [after] = await send(1);
  await allConsumed();
  expect(await versionsOf(after as TestGlitch)).toEqual([2]);
  expect(repeatedAssignments(await readAssignments(ports.log))).toEqual([]);
});

it('the next leader goes on with the alert, its members and its candidates', async () => {
  const first = await start('refit');
  await start('assign');
  await send(90);
  await allConsumed();
  await first.service.fitNow();
  await send(4, () => 7);
  await allConsumed();
  await watched(ports.log);
  expect(await readAlerts(ports.log)).toEqual([]);

  const second = await start('refit');
  expect(second.service.status()).toMatchObject({ isLeader: false, knownGlitches: 94 });
  await first.service.stop();
  await until('the second leads', () => second.service.status().isLeader);
  // The fifth, for which the four before are candidates that only the log remembers.
  await send(1, () => 7);
  const [alert] = await until('the alert', async () => {
    const found = await readAlerts(ports.log);
    return found.length > 0 && found;
  });
  expect(alert?.memberGlitchIds.slice().sort()).toEqual(
    sent
      .slice(90)
      .map(({ glitchId }) => glitchId)
      .sort(),
  );
  await second.service.stop();
  const third = await start('both');
  expect(third.service.status()).toMatchObject({ isLeader: true, openAlerts: 1 });
  await send(1, () => 7);
  await until('the next revision', async () => (await readAlerts(ports.log)).length === 2);
  const [, revised] = await readAlerts(ports.log);
  expect(revised).toMatchObject({ alertId: alert?.alertId, revision: 2, count: 6n });
});
