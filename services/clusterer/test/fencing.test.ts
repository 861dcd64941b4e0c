import type { EventLog, OutgoingRecord } from '@glitchwatch/event-log';
import { ModelActivated, topics } from '@glitchwatch/proto';
import type { Lease } from '@glitchwatch/state-store';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MODEL_KEY } from '../src/assignment-record.js';
import { newestActivation } from '../src/log-replay.js';
import { Blobs, glitchRecord } from './blobs.js';
import {
  openPorts,
  type Ports,
  type RunningClusterer,
  readModels,
  startClusterer,
  temporaryFolder,
  until,
} from './harness.js';

const N = 90;
let folder: { readonly dir: string; remove(): Promise<void> };
let ports: Ports;
const running: RunningClusterer[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
  ports = await openPorts(folder.dir);
  const blobs = new Blobs({ seed: 5, dimension: 16 });
  const glitches = Array.from({ length: N }, (_, i) => glitchRecord(i, i % 3, blobs.draw(i % 3)));
  await ports.log.append(glitches.map(({ record }) => record));
});
afterEach(async () => {
  for (const { service } of running.splice(0)) await service.stop();
  await ports.close();
  await folder.remove();
});

/** A clusterer of a group of its own, so that it reads every embedding; it fits when told to. */
async function start(groupId: string, over: Partial<Ports> = {}): Promise<RunningClusterer> {
  const clusterer = await startClusterer(
    { ...ports, ...over },
    { groupId, automaticFits: false, leaseTtlMs: 200 },
  );
  running.push(clusterer);
  await until('every glitch is known', () => clusterer.service.status().knownGlitches === N);
  return clusterer;
}

const hasModel = (clusterer: RunningClusterer, version: number) =>
  until(`model ${version}`, () => clusterer.service.status().modelVersion === version);

/** What a holder sees that was stopped for a while: its lease is gone, and it does not know. */
const unaware = (lease: Lease): Lease => ({ ...lease, renew: async () => true });

function withLeases(change: (lease: Lease) => Lease): Pick<Ports, 'state'> {
  const { state } = ports;
  return {
    state: {
      ...state,
      close: () => state.close(),
      leases: {
        acquire: async (name, holder, ttlMs) => {
          const lease = await state.leases.acquire(name, holder, ttlMs);
          return lease === undefined ? undefined : change(lease);
        },
      },
    },
  };
}

it('takes up the model that another process activates', async () => {
  const leader = await start('leader');
  const follower = await start('follower');
  await leader.service.fitNow();
  await hasModel(follower, 1);
  await follower.service.fitNow();
  await hasModel(leader, 2);
  expect((await readModels(ports.log)).map(({ modelVersion }) => modelVersion)).toEqual([1, 2]);
});

it('ignores an activation with a smaller fencing token than one already seen', async () => {
  const clusterer = await start('only');
  await clusterer.service.fitNow();
  const [inForce] = await readModels(ports.log);
  const late = ModelActivated.fromPartial({
    ...inForce!,
    modelVersion: 7,
    fencingToken: inForce!.fencingToken - 1n,
    snapshotSha256: 'ab'.repeat(32),
  });
  const value = ModelActivated.encode(late).finish();
  await ports.log.append([{ topic: topics.models, key: MODEL_KEY, value }]);
  await until('it is seen', async () =>
    (await clusterer.metrics()).includes('glitchwatch_clusterer_errors_total{code="superseded"} 1'),
  );
  expect(clusterer.service.status().modelVersion).toBe(1);
  await running.pop()?.service.stop();
  const again = await start('only');
  expect(again.service.status().modelVersion).toBe(1);
  expect(await again.service.fitNow()).toMatchObject({ modelVersion: 2 });
});

it('does not activate the model of a deposed leader that finds a newer one on the log', async () => {
  const rival = await start('rival');
  await rival.service.fitNow();
  const deposed = await start(
    'deposed',
    withLeases((lease) => ({ ...unaware(lease), fencingToken: 1n })),
  );
  await expect(deposed.service.fitNow()).rejects.toMatchObject({ code: 'superseded' });
  expect(deposed.service.status()).toMatchObject({ modelVersion: 1, isFitting: false });
  expect(await readModels(ports.log)).toHaveLength(1);
});

it('refuses it too where the newer one comes between the look and the append', async () => {
  const first = await start('first');
  await first.service.fitNow();
  const rival = await start('rival');
  await hasModel(rival, 1);

  const { log } = ports;
  let isOvertaken = false;
  const slow: EventLog = new Proxy(log, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      if (name !== 'append') return method.bind(target);
      return async (records: readonly OutgoingRecord[]) => {
        if (!isOvertaken && records.some(({ topic }) => topic === topics.models)) {
          isOvertaken = true;
          await rival.service.fitNow();
        }
        return target.append(records);
      };
    },
  });
  const deposed = await start('deposed', { log: slow, ...withLeases(unaware) });
  await expect(deposed.service.fitNow()).rejects.toMatchObject({ code: 'superseded' });

  const models = await readModels(log);
  const [, rivals, ours] = models;
  expect(models.map(({ modelVersion }) => modelVersion)).toEqual([1, 2, 2, 2]);
  expect(ours!.fencingToken).toBeLessThan(rivals!.fencingToken);
  expect(await newestActivation(log)).toEqual(rivals);
  // The one in force is the last record, so compaction keeps it.
  expect(models.at(-1)).toEqual(rivals);
  expect(await ports.blobs.list('models/')).toContain(rivals!.snapshotKey);
  await hasModel(deposed, 2);
  expect(rival.service.status().modelVersion).toBe(2);
});
