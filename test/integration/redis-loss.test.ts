import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventLog, openEmbeddedEventLog } from '@glitchwatch/event-log';
import { type Ingestor, ingestConfigSchema, openIngestor } from '@glitchwatch/ingest';
import { type Glitch, glitchIdOf, headerNames, topics } from '@glitchwatch/proto';
import { createLogger, createRegistry, type Registry, systemClock } from '@glitchwatch/service-kit';
import { openRedisStateStore, type StateStore } from '@glitchwatch/state-store';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LocalRedis, redisServerVersion, reportNoRedis } from '../brokers/redis.js';
import { until } from '../contract/until.js';
import { manyGlitches } from '../fixtures/many-glitches.js';

const DEADLINE_MS = 20_000;
const version = redisServerVersion();

if (version === undefined)
  reportNoRedis('ingest, Redis killed and emptied', 'redis-server is not on the PATH');
else describe(`ingest, Redis killed and emptied (${version})`, cases);

interface Replica {
  readonly ingestor: Ingestor;
  readonly registry: Registry;
  close(): Promise<void>;
}

function cases(): void {
  let glitches: readonly Glitch[];
  let dir: string;
  let log: EventLog;
  let redis: LocalRedis;
  const replicas: Replica[] = [];

  beforeAll(async () => {
    glitches = manyGlitches(2_000, { bases: 40 });
    dir = await mkdtemp(join(tmpdir(), 'glitchwatch-redis-loss-'));
    log = await openEmbeddedEventLog({ dir });
    redis = await LocalRedis.start();
  });
  afterEach(async () => {
    for (const replica of replicas.splice(0)) await replica.close();
  });
  afterAll(async () => {
    await redis.dispose();
    await log.close();
    await rm(dir, { recursive: true, force: true });
  });

  const startReplica = async (): Promise<Replica> => {
    const state: StateStore = await openRedisStateStore({ url: redis.url });
    const registry = createRegistry();
    const logger = createLogger({ name: 'test', level: 'silent' });
    const config = ingestConfigSchema.parse({});
    const context = { log, state, registry, logger, clock: systemClock };
    const ingestor = await openIngestor(config, context);
    const replica: Replica = {
      ingestor,
      registry,
      close: async () => {
        await ingestor.close();
        await state.close();
      },
    };
    replicas.push(replica);
    return replica;
  };

  const inStep = (replica: Replica) =>
    until('the dedupe window is in step', DEADLINE_MS, async () =>
      (await replica.registry.metrics()).includes('glitchwatch_ingest_dedupe_in_step 1'),
    );

  /** How often each glitch id stands in the log. */
  const countsInLog = async (): Promise<Map<string, number>> => {
    const counts = new Map<string, number>();
    const { signal } = new AbortController();
    const options = { topic: topics.triggers, from: 'earliest', signal, stopAtEnd: true } as const;
    for await (const { records } of log.tail(options)) {
      for (const { headers } of records) {
        const id = headers[headerNames.eventId] ?? '';
        counts.set(id, (counts.get(id) ?? 0) + 1);
      }
    }
    return counts;
  };

  it('loses no glitch of two replicas while it is killed and emptied under load, and stops none', async () => {
    const [one, two] = [await startReplica(), await startReplica()];
    let longestMs = 0;
    const submit = async (
      replica: Replica,
      from: number,
      before: (i: number) => Promise<void>,
    ): Promise<void> => {
      for (let i = from; i < glitches.length; i += 100) {
        await before(i);
        const started = performance.now();
        const report = await replica.ingestor.submitGlitches(glitches.slice(i, i + 50));
        longestMs = Math.max(longestMs, performance.now() - started);
        expect(report).toMatchObject({ accepted: 50, duplicates: 0, rejected: [] });
      }
    };
    const killAndEmpty = async (i: number): Promise<void> => {
      if (i === 500) await redis.kill();
      if (i !== 1_200) return;
      await redis.empty();
      await redis.startAgain();
    };
    await Promise.all([submit(one, 0, killAndEmpty), submit(two, 50, async () => undefined)]);
    // Nobody waits longer than one command may take, twice: looking up and remembering.
    expect(longestMs).toBeLessThan(4_000);
    for (const replica of [one, two]) await inStep(replica);
    const counts = await countsInLog();
    expect([...counts.values()].every((count) => count === 1)).toBe(true);
    const expected = glitches.map(({ trigger }) => glitchIdOf(trigger!));
    expect([...counts.keys()].sort()).toEqual(expected.sort());
  });

  it('knows all of them again afterwards, in a process that saw none', async () => {
    const fresh = await startReplica();
    await inStep(fresh);
    const report = await fresh.ingestor.submitGlitches(glitches.slice(0, 300));
    expect(report).toMatchObject({ accepted: 0, duplicates: 300 });
  });

  it('knows them again after it was emptied with nobody handing in', async () => {
    const fresh = await startReplica();
    await redis.kill();
    await redis.empty();
    await redis.startAgain();
    const onlooker = await openRedisStateStore({ url: redis.url });
    await until('its cursor is back, and so the window', DEADLINE_MS, async () => {
      const cursor = await onlooker.values.get('ingest', 'triggers-cursor');
      return cursor !== undefined;
    });
    await onlooker.close();
    const report = await fresh.ingestor.submitGlitches(glitches.slice(300, 600));
    expect(report).toMatchObject({ accepted: 0, duplicates: 300 });
  });
}
