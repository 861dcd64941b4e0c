import { listDeadLetters } from '@glitchwatch/event-log';
import { topics } from '@glitchwatch/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Blobs, glitchRecord } from './blobs.js';
import {
  openPorts,
  type Ports,
  type RunningClusterer,
  readAssignments,
  readModels,
  repeatedAssignments,
  startClusterer,
  temporaryFolder,
  until,
} from './harness.js';

describe('a clusterer fed with bad and repeated embeddings', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let ports: Ports;
  let clusterer: RunningClusterer;
  const blobs = new Blobs({ seed: 21, dimension: 16 });

  beforeAll(async () => {
    folder = await temporaryFolder();
    ports = await openPorts(folder.dir);
    clusterer = await startClusterer(ports, { automaticFits: false });
  });

  afterAll(async () => {
    await clusterer.service.stop();
    await clusterer.service.stop();
    await ports.close();
    await folder.remove();
  });

  it('sends each to the dead-letter topic with its reason and goes on', async () => {
    const good = Array.from({ length: 80 }, (_, i) => glitchRecord(i, i % 4, blobs.draw(i % 4)));
    await ports.log.append(good.map(({ record }) => record));
    await until('80 known', () => clusterer.service.status().knownGlitches === 80);
    const bad = [
      glitchRecord(100, 0, new Float32Array(16)),
      glitchRecord(101, 0, new Float32Array(12).fill(1)),
      glitchRecord(102, 0, blobs.draw(0).fill(Number.NaN, 3, 4)),
      glitchRecord(103, 0, blobs.draw(0), { embedder: 'f'.repeat(64) }),
    ];
    await ports.log.append([
      ...bad.map(({ record }) => record),
      { topic: topics.embeddings, key: 'x', value: Uint8Array.of(0xff, 0x01) },
      // Repeats of what is known already.
      ...good.slice(0, 20).map(({ record }) => record),
      glitchRecord(80, 1, blobs.draw(1)).record,
    ]);
    await until('81 known', () => clusterer.service.status().knownGlitches === 81);
    const letters = await until('5 dead letters', async () => {
      const found = await listDeadLetters(ports.log, topics.embeddings, 'clusterer');
      return found.length >= 5 && found;
    });
    expect(letters.map(({ code }) => code).sort()).toEqual([
      'bad_embedding',
      'bad_embedding',
      'bad_embedding',
      'wrong_dimension',
      'wrong_embedder',
    ]);
    const text = await clusterer.metrics();
    expect(text).toContain('glitchwatch_clusterer_errors_total{code="bad_embedding"} 3');
  });

  it('fits when asked, waits for its assignments, and ignores repeats afterwards too', async () => {
    expect(await readModels(ports.log)).toEqual([]);
    expect(await clusterer.service.fitNow()).toMatchObject({ modelVersion: 1, nReference: 81 });
    expect(await readAssignments(ports.log)).toHaveLength(81);
    const again = Array.from({ length: 20 }, (_, i) => glitchRecord(i, i % 4, blobs.draw(i % 4)));
    await ports.log.append([
      ...again.map(({ record }) => record),
      glitchRecord(200, 2, blobs.draw(2)).record,
    ]);
    const assignments = await until('the new one assigned', async () => {
      const found = await readAssignments(ports.log);
      return found.length >= 82 && found;
    });
    await until('all consumed', async () =>
      (await ports.log.lag('clusterer', [topics.embeddings])).every(({ lag }) => lag === 0n),
    );
    expect(repeatedAssignments(await readAssignments(ports.log))).toEqual([]);
    expect(assignments).toHaveLength(82);
  });

  it('keeps the old model when a fit fails', async () => {
    const lease = await ports.state.leases.acquire('refit', 'somebody else', 60_000);
    await expect(clusterer.service.fitNow()).rejects.toMatchObject({ code: 'lease_taken' });
    expect(clusterer.service.status()).toMatchObject({ modelVersion: 1, isFitting: false });
    await lease?.release();
    expect(await clusterer.service.fitNow()).toMatchObject({ modelVersion: 2 });
  });
});

describe('a log with records that are none on the topics of models, assignments and alerts', () => {
  it('keeps no clusterer from starting nor from following the next model', async () => {
    const folder = await temporaryFolder();
    const ports = await openPorts(folder.dir);
    const blobs = new Blobs({ seed: 22, dimension: 16 });
    const bad = [topics.models, topics.assignments, topics.alerts].map((topic) => ({
      topic,
      key: 'poison',
      value: Uint8Array.of(0xff, 0xff, 0xff),
    }));
    // Decodes, and says nothing.
    bad.push({ topic: topics.models, key: 'empty', value: new Uint8Array() });
    const countedIn = async ({ metrics }: RunningClusterer) =>
      /glitchwatch_clusterer_errors_total{code="bad_message"} (\d+)/.exec(await metrics())?.[1];
    await ports.log.append(bad);
    const first = await startClusterer(ports, { automaticFits: false });
    const other = await startClusterer(ports, { role: 'assign' });
    expect(await countedIn(first)).toBe('2');
    await ports.log.append(bad);
    await until('the live ones to be counted', async () => (await countedIn(other)) === '4');
    const good = Array.from({ length: 80 }, (_, i) => glitchRecord(i, i % 4, blobs.draw(i % 4)));
    await ports.log.append(good.map(({ record }) => record));
    await until('80 known', () => first.service.status().knownGlitches === 80);
    await first.service.fitNow();
    await until('the model', () => other.service.status().modelVersion === 1);
    await first.service.stop();
    await other.service.stop();
    await ports.close();
    await folder.remove();
  });
});
