import { AlertState } from '@glitchwatch/proto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Blobs, glitchRecord, type TestGlitch } from './blobs.js';
import {
  openPorts,
  type Ports,
  type RunningClusterer,
  readAlerts,
  readAssignments,
  startClusterer,
  temporaryFolder,
  until,
  watched,
} from './harness.js';

const N_BLOBS = 4;
const NEW_BLOB = 9;
/** More than the new kind has members at the first refit, where a known family swallows it. */
const LARGE = { minFit: 240, refitEveryCount: 10_000, minClusterSize: 20 };
const SMALL = { ...LARGE, minClusterSize: 5 };

const blobs = new Blobs({ seed: 77, dimension: 32 });
const sent: TestGlitch[] = [];
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let ports: Ports;
let clusterer: RunningClusterer;

beforeAll(async () => {
  folder = await temporaryFolder();
  ports = await openPorts(folder.dir);
  clusterer = await startClusterer(ports, LARGE);
});

afterAll(async () => {
  await clusterer.service.stop();
  await ports.close();
  await folder.remove();
});

/** Waits for the assignment of each, and for what the watch says to it. */
async function send(count: number, blobOf: (i: number) => number): Promise<void> {
  const glitches = Array.from({ length: count }, (_, i) =>
    glitchRecord(sent.length + i, blobOf(i), blobs.draw(blobOf(i))),
  );
  sent.push(...glitches);
  await ports.log.append(glitches.map(({ record }) => record));
  await until('the assignments', async () => {
    const assigned = new Set((await readAssignments(ports.log)).map(({ glitchId }) => glitchId));
    return sent.every(({ glitchId }) => assigned.has(glitchId));
  });
  await watched(ports.log);
}

async function lastAlert() {
  const alerts = await readAlerts(ports.log);
  expect(new Set(alerts.map(({ alertId }) => alertId)).size).toBe(1);
  return alerts.at(-1);
}

it('keeps an alert open over refits and restarts until its kind has a family', async () => {
  await send(240, (i) => i % N_BLOBS);
  await send(8, () => NEW_BLOB);
  expect(await lastAlert()).toMatchObject({ count: 8n, modelVersion: 1 });

  await clusterer.service.fitNow();
  expect(clusterer.service.status()).toMatchObject({ nFamilies: N_BLOBS, openAlerts: 1 });
  const ofNewKind = new Set(
    sent.filter(({ blob }) => blob === NEW_BLOB).map(({ glitchId }) => glitchId),
  );
  const swallowed = (await readAssignments(ports.log)).filter(
    ({ glitchId, modelVersion }) => modelVersion === 2 && ofNewKind.has(glitchId),
  );
  expect(swallowed).toHaveLength(8);
  expect(new Set(swallowed.map(({ familyId }) => familyId)).size).toBe(1);
  expect(swallowed[0]?.familyId).toBeGreaterThan(0);

  await send(2, () => NEW_BLOB);
  expect(await lastAlert()).toMatchObject({
    state: AlertState.ALERT_STATE_UPDATED,
    count: 10n,
    modelVersion: 2,
  });
  // Its own members, which are reference rows now, are not the nearest family.
  expect((await lastAlert())?.nearestFamilies[0]?.distance).toBeGreaterThan(0.3);

  await clusterer.service.stop();
  await ports.close();
  ports = await openPorts(folder.dir);
  clusterer = await startClusterer(ports, SMALL);
  expect(clusterer.service.status()).toMatchObject({ modelVersion: 2, openAlerts: 1 });
  await send(1, () => NEW_BLOB);
  const before = await readAlerts(ports.log);
  await clusterer.service.stop();
  clusterer = await startClusterer(ports, SMALL);
  expect(await readAlerts(ports.log)).toHaveLength(before.length);

  const { nFamilies } = await clusterer.service.fitNow();
  expect(nFamilies).toBe(N_BLOBS + 1);
  expect(await lastAlert()).toMatchObject({
    state: AlertState.ALERT_STATE_RESOLVED,
    resolvedFamilyId: N_BLOBS + 1,
    count: 11n,
    modelVersion: 3,
  });
});
