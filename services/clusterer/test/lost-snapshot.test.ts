import { expect, it } from 'vitest';
import { Blobs, glitchRecord } from './blobs.js';
import {
  openPorts,
  readAssignments,
  readModels,
  repeatedAssignments,
  startClusterer,
  temporaryFolder,
  until,
} from './harness.js';

it('goes on from the log alone when the snapshot is lost: version, family ids, one assignment each', async () => {
  const folder = await temporaryFolder();
  const ports = await openPorts(folder.dir);
  const blobs = new Blobs({ seed: 31, dimension: 16 });
  const glitches = Array.from({ length: 90 }, (_, i) => glitchRecord(i, i % 3, blobs.draw(i % 3)));
  await ports.log.append(glitches.map(({ record }) => record));

  const first = await startClusterer(ports, { minFit: 90 });
  await until('the first model', async () => (await readAssignments(ports.log)).length === 90);
  await first.service.stop();
  const [before] = await readModels(ports.log);
  await ports.blobs.delete(before!.snapshotKey);

  const second = await startClusterer(ports, { minFit: 90 });
  expect(await second.metrics()).toContain(
    'glitchwatch_clusterer_errors_total{code="snapshot_lost"} 1',
  );
  const assignments = await until('the second model', async () => {
    const found = await readAssignments(ports.log);
    return found.length >= 180 && found;
  });
  expect(repeatedAssignments(assignments)).toEqual([]);
  const after = (await readModels(ports.log)).at(-1);
  expect(after?.modelVersion).toBe(2);
  expect(
    after?.families.map(({ familyId, firstModelVersion }) => [familyId, firstModelVersion]),
  ).toEqual(before?.families.map(({ familyId }) => [familyId, 1]));
  expect(await ports.blobs.list('models/')).toEqual([after?.snapshotKey]);
  await second.service.stop();
  await ports.close();
  await folder.remove();
});
