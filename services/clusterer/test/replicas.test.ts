import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createRng } from '@glitchwatch/numerics';
import { type Assignment, AssignmentOrigin } from '@glitchwatch/proto';
import { afterAll, beforeAll, expect, it } from 'vitest';
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
  watched,
} from './harness.js';

/** Refits again and again, so that kills meet fits, activations and what follows them. */
const config = {
  minFit: 60,
  refitEveryCount: 40,
  refitGrowth: 0,
  umapEpochs: 20,
  minClusterSize: 8,
  tickMs: 10,
  leaseTtlMs: 1_000,
  maxBatchRecords: 4,
  // The one alert that is counted is of an emergent family.
  falseOutliersPerDay: 0,
  falseBurstsPerDay: 0,
};
const replicas = { a1: 'assign', a2: 'assign', r1: 'refit', r2: 'refit' } as const;
type Name = keyof typeof replicas;
const names = Object.keys(replicas) as Name[];
const GLITCHES_PER_ROUND = 40;
const ROUNDS = 4;
/** Four processes of their own, on a machine that may be busy. */
const DEADLINE_MS = 120_000;
const N_BLOBS = 4;
const NEW_BLOB = 4;
const script = fileURLToPath(new URL('clusterer-process.mjs', import.meta.url));

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let ports: Ports;
interface Replica {
  readonly child: ChildProcess;
  readonly takesSignals: Promise<unknown>;
}

const running = new Map<Name, Replica>();
const sent: TestGlitch[] = [];
const blobs = new Blobs({ seed: 41, dimension: 16 });

beforeAll(async () => {
  folder = await temporaryFolder();
  ports = await openPorts(folder.dir);
});

afterAll(async () => {
  await Promise.all(names.map((name) => kill(name, 'SIGKILL')));
  await ports.close();
  await folder.remove();
});

function start(name: Name): void {
  const values = JSON.stringify({ ...config, role: replicas[name] });
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
  const child = spawn(process.execPath, [script, folder.dir, values], { stdio: [...stdio] });
  running.set(name, { child, takesSignals: once(child, 'message') });
}

async function kill(name: Name, signal: NodeJS.Signals): Promise<number | null> {
  const { child, takesSignals } = running.get(name) ?? {};
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return null;
  const exited = once(child, 'exit');
  if (signal === 'SIGTERM') await takesSignals;
  child.kill(signal);
  const [code] = (await exited) as [number | null];
  return code;
}

async function send(count: number, blobOf: (i: number) => number): Promise<void> {
  const glitches = Array.from({ length: count }, (_, i) =>
    glitchRecord(sent.length + i, blobOf(i), blobs.draw(blobOf(i))),
  );
  sent.push(...glitches);
  await ports.log.append(glitches.map(({ record }) => record));
}

const newestVersion = async (): Promise<number> =>
  (await readModels(ports.log)).at(-1)?.modelVersion ?? 0;

/** Waits until every glitch sent has an assignment under one model, and that is the newest. */
const allAssigned = (): Promise<number> =>
  until(
    'everything assigned under the newest model',
    async () => {
      const newest = await newestVersion();
      const under = new Set(
        (await readAssignments(ports.log))
          .filter(({ modelVersion }) => modelVersion === newest)
          .map(({ glitchId }) => glitchId),
      );
      return newest > 0 && sent.every(({ glitchId }) => under.has(glitchId)) && newest;
    },
    DEADLINE_MS,
  );

/** Glitches whose assignments, in the order of the log, go back to an older model. */
function goingBack(assignments: readonly Assignment[]): string[] {
  const last = new Map<string, number>();
  return assignments.flatMap(({ glitchId, modelVersion }) => {
    const before = last.get(glitchId) ?? 0;
    last.set(glitchId, Math.max(before, modelVersion));
    return modelVersion < before ? [`${glitchId}: ${modelVersion} after ${before}`] : [];
  });
}

it('two assigners and two that may lead, killed in turn under load: nothing lost, doubled or out of order', {
  timeout: 600_000,
}, async () => {
  const rng = createRng(5);
  for (const name of names) start(name);
  // Before the first model: what the assigners commit has no assignment until a leader gives it.
  await send(config.minFit, (i) => i % N_BLOBS);
  await until('the first model', async () => (await newestVersion()) > 0, DEADLINE_MS);
  const order: readonly Name[] = ['r1', 'a1', 'r2', 'a2'];
  for (let round = 0; round < ROUNDS; round++) {
    const name = order[round % order.length] as Name;
    const before = { n: (await readAssignments(ports.log)).length, version: await newestVersion() };
    await send(GLITCHES_PER_ROUND, (i) => i % N_BLOBS);
    const due = 1 + rng.nextInt(GLITCHES_PER_ROUND);
    // An assigner in the middle of its batches, a leader in what follows an activation.
    const isTime = async (): Promise<boolean> =>
      replicas[name] === 'assign'
        ? (await readAssignments(ports.log)).length >= before.n + due
        : (await newestVersion()) > before.version;
    await until(`the moment to kill ${name}`, isTime, DEADLINE_MS);
    await kill(name, 'SIGKILL');
    start(name);
  }
  await allAssigned();
  await watched(ports.log);
  expect((await readAlerts(ports.log)).length).toBe(0);

  // A new kind, its members on all partitions, while the leader changes.
  await send(8, () => NEW_BLOB);
  await until('an alert', async () => (await readAlerts(ports.log)).length > 0, DEADLINE_MS);
  await kill('r1', 'SIGKILL');
  await send(4, () => NEW_BLOB);
  start('r1');
  await kill('r2', 'SIGKILL');
  await send(4, () => NEW_BLOB);
  start('r2');
  const newest = await allAssigned();
  const alerts = await until(
    'an alert of all sixteen',
    async () => {
      const found = await readAlerts(ports.log);
      return found.some(({ count }) => count === 16n) && found;
    },
    DEADLINE_MS,
  );
  expect(new Set(alerts.map(({ alertId }) => alertId)).size).toBe(1);
  const revisions = alerts.map(({ revision }) => revision);
  expect(revisions).toEqual(revisions.map((_, i) => i + 1));

  for (const name of names) expect(await kill(name, 'SIGTERM'), name).toBe(0);
  const assignments = await readAssignments(ports.log);
  expect(repeatedAssignments(assignments)).toEqual([]);
  expect(goingBack(assignments)).toEqual([]);
  expect(newest).toBeGreaterThanOrEqual(3);
  const origins = new Set(assignments.map(({ origin }) => origin));
  expect(origins).toEqual(
    new Set([
      AssignmentOrigin.ASSIGNMENT_ORIGIN_LIVE,
      AssignmentOrigin.ASSIGNMENT_ORIGIN_REFERENCE,
    ]),
  );
});
