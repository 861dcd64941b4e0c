import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventLog, type LogRecord, openKafkaEventLog } from '@glitchwatch/event-log';
import {
  Alert,
  Assignment,
  assignmentEventId,
  type Glitch,
  glitchIdOf,
  headerNames,
  ModelActivated,
  topics,
} from '@glitchwatch/proto';
import { createSimulator, demoClasses, noveltyClass, shiftedGlitch } from '@glitchwatch/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unique } from '../contract/event-log/setup.js';
import { type CliProcess, spawnCli } from '../fixtures/cli-process.js';
import { freePorts } from '../fixtures/free-ports.js';
import { asGlitch } from '../fixtures/many-glitches.js';
import { killHard, readyAt, stopGently } from '../fixtures/start-process.js';
import { submitGlitches } from '../fixtures/submit-glitches.js';
import { waitFor } from '../fixtures/wait-for.js';
import { describeWithKafka } from './describe-with-kafka.js';
import type { TestKafka } from './kafka.js';
import { findRedis, type RedisServer, reportNoRedis } from './redis.js';

/** Two of each, as in deploy/k8s/base. */
const replicas = {
  ingest: ['ingest', 'serve'],
  embedder: ['embedder', 'serve'],
  assign: ['clusterer', 'serve', '--role', 'assign'],
  refit: ['clusterer', 'serve', '--role', 'refit'],
  gateway: ['gateway', 'serve'],
} as const;
type Kind = keyof typeof replicas;
const kinds = Object.keys(replicas) as Kind[];

const settings = {
  GLITCHWATCH_MIN_FIT: '120',
  GLITCHWATCH_REFIT_EVERY_COUNT: '60',
  GLITCHWATCH_CLUSTERER_LEASE_TTL_MS: '3000',
  // The one alert that is counted is of an emergent family; known glitches come in threes.
  GLITCHWATCH_ALERT_MIN_GROUP_SIZE: '5',
  GLITCHWATCH_FALSE_OUTLIERS_PER_DAY: '0',
  GLITCHWATCH_FALSE_BURSTS_PER_DAY: '0',
};
const basesPerClass = 14;
const perSubmission = 8;
/** Ten processes and a broker on a machine that may be busy. */
const patience = { deadlineMs: 240_000, everyMs: 200 };

/** A Kafka and a Redis at hand: see ARCHITECTURE.md, "A refit has one leader". */
const redis = await findRedis();
if (redis.kind === 'none') reportNoRedis('the clusterer as replicas', redis.reason);
else
  await describeWithKafka('the clusterer as replicas', (kafka) =>
    describe(`two of every service on Kafka and Redis (${redis.what})`, () =>
      cases(kafka, () => redis.start())),
  );

interface Replica {
  readonly kind: Kind;
  readonly ops: number;
  readonly http: number;
  readonly grpc: number;
  process: CliProcess;
}

const isAlive = ({ process: { child } }: Replica): boolean =>
  child.exitCode === null && child.signalCode === null;

function cases(kafka: TestKafka, startRedis: () => Promise<RedisServer>): void {
  const topicPrefix = `${unique('replicas')}.`;
  let dir: string;
  let redisServer: RedisServer;
  let log: EventLog;
  const running: Replica[] = [];
  const of = (kind: Kind): Replica[] => running.filter((one) => one.kind === kind);

  function spawnReplica(kind: Kind, { ops, http, grpc }: Omit<Replica, 'kind' | 'process'>) {
    return spawnCli(replicas[kind], {
      ...settings,
      GLITCHWATCH_DATA_DIR: join(dir, 'data'),
      GLITCHWATCH_KAFKA_BROKERS: kafka.brokers.join(','),
      GLITCHWATCH_KAFKA_TOPIC_PREFIX: topicPrefix,
      GLITCHWATCH_REDIS_URL: redisServer.url,
      GLITCHWATCH_REDIS_KEY_PREFIX: topicPrefix,
      GLITCHWATCH_OPS_PORT: `${ops}`,
      [kind === 'ingest' ? 'GLITCHWATCH_INGEST_HTTP_PORT' : 'GLITCHWATCH_HTTP_PORT']: `${http}`,
      [kind === 'ingest' ? 'GLITCHWATCH_INGEST_GRPC_PORT' : 'GLITCHWATCH_GRPC_PORT']: `${grpc}`,
    });
  }

  const isReady = ({ process, ops, kind }: Replica): Promise<void> =>
    readyAt(process, ops, kind, patience);

  async function killAndRestart(replica: Replica): Promise<void> {
    await killHard(replica.process);
    replica.process = spawnReplica(replica.kind, replica);
    await isReady(replica);
  }

  /** The one that says so of itself; a leader that was just killed leaves none for a while. */
  const leader = (): Promise<Replica> =>
    waitFor(
      'a leader',
      async () => {
        for (const one of of('refit').filter(isAlive)) {
          const answer = await fetch(`http://127.0.0.1:${one.ops}/metrics`);
          if (/^glitchwatch_clusterer_leader 1$/m.test(await answer.text())) return one;
        }
        return undefined;
      },
      patience,
    );

  async function read(topic: string): Promise<LogRecord[]> {
    const records: LogRecord[] = [];
    const { signal } = new AbortController();
    for await (const batch of log.tail({ topic, from: 'earliest', signal, stopAtEnd: true }))
      records.push(...batch.records);
    return records;
  }

  const newestVersion = async (): Promise<number> =>
    Math.max(
      0,
      ...(await read(topics.models)).map(({ value }) => ModelActivated.decode(value).modelVersion),
    );

  const newModel = (after: number): Promise<number> =>
    waitFor(
      `a model after ${after}`,
      async () => {
        const newest = await newestVersion();
        return newest > after ? newest : undefined;
      },
      patience,
    );

  /** Hands in by both ingests in turn; tells which were accepted. */
  async function handIn(glitches: readonly Glitch[], accepted: Set<string>): Promise<void> {
    for (let first = 0; first < glitches.length; first += perSubmission) {
      const part = glitches.slice(first, first + perSubmission);
      const ingest = of('ingest')[(first / perSubmission) % 2];
      const { glitchIds, rejected } = await submitGlitches(ingest?.grpc ?? 0, part);
      expect(rejected).toEqual([]);
      for (const glitchId of glitchIds) accepted.add(glitchId);
    }
  }

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'glitchwatch-replicas-'));
    redisServer = await startRedis();
    log = await openKafkaEventLog({ brokers: [...kafka.brokers], topicPrefix });
    for (const kind of kinds) {
      for (let i = 0; i < 2; i++) {
        const [ops = 0, http = 0, grpc = 0] = await freePorts(3);
        const ports = { ops, http, grpc };
        running.push({ kind, ...ports, process: spawnReplica(kind, ports) });
      }
    }
    await Promise.all(running.map(isReady));
  }, patience.deadlineMs);
  afterAll(async () => {
    for (const { process } of running) await killHard(process);
    await log.close();
    await redisServer.dispose();
    await rm(dir, { recursive: true, force: true });
  });

  it('every accepted glitch ends with one assignment, whoever was killed meanwhile', {
    timeout: 900_000,
  }, async () => {
    const { known, ofNewKind } = nightOf(demoClasses.slice(0, 8), noveltyClass);
    const accepted = new Set<string>();
    await handIn(known.slice(0, 120), accepted);
    await newModel(0);

    // Killed under load, one after the other: assigners in their batches, leaders after activations.
    const load = handIn(known.slice(120), accepted);
    const [a1, a2] = of('assign');
    if (a1 !== undefined) await killAndRestart(a1);
    await newModel(1);
    const first = await leader();
    await killHard(first.process);
    if (a2 !== undefined) await killAndRestart(a2);
    const second = await leader();
    expect(second.ops).not.toBe(first.ops);
    await killAndRestart(first);
    await load;

    await handIn(ofNewKind.slice(0, 8), accepted);
    await killAndRestart(await leader());
    await handIn(ofNewKind.slice(8), accepted);
    const total = known.length + ofNewKind.length;
    expect(accepted.size).toBe(total);

    for (const { http } of of('gateway')) {
      await waitFor(
        'every glitch assigned at the gateway',
        async () => {
          const answer = await fetch(`http://127.0.0.1:${http}/v1/status`);
          const { nAssigned, nWaiting } = (await answer.json()) as Record<string, number>;
          return nAssigned === total && nWaiting === 0 ? true : undefined;
        },
        patience,
      );
    }
    const newest = await waitFor(
      'every glitch under the newest model',
      async () => {
        const version = await newestVersion();
        const under = new Set(
          (await read(topics.assignments))
            .map(({ value }) => Assignment.decode(value))
            .filter(({ modelVersion }) => modelVersion === version)
            .map(({ glitchId }) => glitchId),
        );
        return [...accepted].every((glitchId) => under.has(glitchId)) ? version : undefined;
      },
      patience,
    );
    expect(newest).toBeGreaterThanOrEqual(2);
    const alerts = await waitFor(
      'an alert',
      async () => {
        const found = (await read(topics.alerts)).map(({ value }) => Alert.decode(value));
        return found.length > 0 ? found : undefined;
      },
      patience,
    );
    expect(new Set(alerts.map(({ alertId }) => alertId)).size).toBe(1);
    const members = alerts.flatMap(({ memberGlitchIds }) => memberGlitchIds);
    const newIds = new Set(ofNewKind.map(({ trigger }) => trigger && glitchIdOf(trigger)));
    expect(members.filter((glitchId) => !newIds.has(glitchId))).toEqual([]);

    for (const { process, kind } of running)
      expect(`${kind} ${await stopGently(process)}`).toBe(`${kind} 0`);
    const found = await read(topics.assignments);
    expect(lost(accepted, found)).toEqual([]);
    expect(contradictions(found)).toEqual([]);
    expect(goingBack(found)).toEqual([]);
    expect(new Set(found.map(({ key }) => key)).size).toBe(total);
  });
}

/** Glitches of known kinds in turn, and some of a kind that is none of them. */
function nightOf(classNames: readonly string[], newClass: string) {
  const simulator = createSimulator({ seed: 11 });
  const bases = Array.from({ length: basesPerClass * classNames.length }, (_, i) => {
    const className = classNames[i % classNames.length];
    if (className === undefined) throw new Error('no class');
    return simulator.next({ className });
  });
  // Three of each: a kind of its own takes five that are nearly alike.
  const known = [0, 1, -1].flatMap((columns, turn) =>
    bases.map((base, i) => asGlitch(shiftedGlitch(base, columns), turn * bases.length + i)),
  );
  const ofNewKind = Array.from({ length: 16 }, (_, i) =>
    asGlitch(simulator.next({ className: newClass }), known.length + i),
  );
  return { known, ofNewKind };
}

function lost(accepted: ReadonlySet<string>, found: readonly LogRecord[]): string[] {
  const assigned = new Set(found.map(({ key }) => key));
  return [...accepted].filter((glitchId) => !assigned.has(glitchId));
}

/** A repeat is known by its event id, and says the same but for the time of its making. */
function contradictions(found: readonly LogRecord[]): string[] {
  const said = new Map<string, string>();
  return found.flatMap(({ value, headers }) => {
    const assignment = Assignment.decode(value);
    const eventId = assignmentEventId(assignment.glitchId, assignment.modelVersion);
    const content = JSON.stringify(Assignment.toJSON({ ...assignment, assignedAtMs: 0n }));
    const before = said.get(eventId) ?? content;
    said.set(eventId, before);
    const isRight = headers[headerNames.eventId] === eventId && before === content;
    return isRight ? [] : [`${assignment.glitchId} under model ${assignment.modelVersion}`];
  });
}

/** First comings only: glitches whose assignments go back to an older model. */
function goingBack(found: readonly LogRecord[]): string[] {
  const newest = new Map<string, number>();
  const seen = new Set<string>();
  return found.flatMap(({ value }) => {
    const { glitchId, modelVersion } = Assignment.decode(value);
    const event = `${glitchId} ${modelVersion}`;
    if (seen.has(event)) return [];
    seen.add(event);
    const before = newest.get(glitchId) ?? 0;
    newest.set(glitchId, Math.max(before, modelVersion));
    return modelVersion < before ? [`${glitchId}: ${modelVersion} after ${before}`] : [];
  });
}
