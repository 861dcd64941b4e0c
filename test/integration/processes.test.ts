import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliProcess, spawnCli } from '../fixtures/cli-process.js';
import { freePorts } from '../fixtures/free-ports.js';
import { manyGlitches } from '../fixtures/many-glitches.js';
import { parseMetrics } from '../fixtures/metrics-text.js';
import {
  killHard,
  pickPorts,
  readyAt,
  type StartPorts,
  statusOf,
  stopGently,
} from '../fixtures/start-process.js';
import { submitGlitches } from '../fixtures/submit-glitches.js';
import { waitFor } from '../fixtures/wait-for.js';

const names = ['ingest', 'embedder', 'clusterer', 'gateway'] as const;
type Name = (typeof names)[number];
const total = 80;
const minFit = 40;

let dir: string;
let ports: StartPorts;
const opsPorts = new Map<Name, number>();
const running = new Map<Name, CliProcess>();

/** Every setting by environment variable, as a container would be given it. */
function serve(name: Name): CliProcess {
  const env = {
    GLITCHWATCH_DATA_DIR: join(dir, 'data'),
    GLITCHWATCH_OPS_PORT: `${opsPorts.get(name)}`,
    GLITCHWATCH_HTTP_PORT: `${ports.http}`,
    GLITCHWATCH_GRPC_PORT: `${ports.grpc}`,
    GLITCHWATCH_INGEST_HTTP_PORT: `${ports.ingestHttp}`,
    GLITCHWATCH_INGEST_GRPC_PORT: `${ports.ingestGrpc}`,
    GLITCHWATCH_MIN_FIT: `${minFit}`,
  };
  return spawnCli([name, 'serve'], env);
}

async function start(name: Name): Promise<CliProcess> {
  const started = serve(name);
  running.set(name, started);
  await readyAt(started, opsPorts.get(name) ?? 0, name);
  return started;
}

async function allAssigned(count: number): Promise<void> {
  await waitFor(
    `${count} glitches assigned`,
    async () => {
      const { nAssigned, nWaiting } = await statusOf(ports);
      return nAssigned === count && nWaiting === 0 ? true : undefined;
    },
    { deadlineMs: 120_000 },
  );
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'glitchwatch-processes-'));
  ports = await pickPorts();
  const free = await freePorts(names.length);
  for (const [i, name] of names.entries()) opsPorts.set(name, free[i] ?? 0);
  await Promise.all(names.map(start));
});
afterAll(async () => {
  for (const one of running.values()) await killHard(one);
  await rm(dir, { recursive: true, force: true });
});

describe('four services, four processes, one data folder', () => {
  const glitches = manyGlitches(total, { bases: 40 });

  it('glitches handed in to ingest come out assigned at the gateway', {
    timeout: 180_000,
  }, async () => {
    const { glitchIds } = await submitGlitches(ports.ingestGrpc, glitches.slice(0, 60));
    expect(new Set(glitchIds).size).toBe(60);
    await allAssigned(60);
    for (const glitchId of glitchIds.slice(0, 5)) {
      const answer = await fetch(`http://127.0.0.1:${ports.http}/v1/glitches/${glitchId}`);
      expect(await answer.json()).toMatchObject({ glitchId, assignment: { modelVersion: 1 } });
    }
  });

  it('goes on after embedder and clusterer were killed and started again', {
    timeout: 180_000,
  }, async () => {
    for (const name of ['embedder', 'clusterer'] as const) {
      const killed = running.get(name);
      if (killed) await killHard(killed);
    }
    const { accepted } = await submitGlitches(ports.ingestGrpc, glitches.slice(60));
    expect(accepted).toBe(BigInt(total - 60));
    await waitFor('the gateway to know them', async () =>
      (await statusOf(ports)).nGlitches === total ? true : undefined,
    );
    expect((await statusOf(ports)).nWaiting).toBe(total - 60);
    await Promise.all([start('embedder'), start('clusterer')]);
    await allAssigned(total);
  });

  it.each(names)('%s has metrics of its own', async (name) => {
    const answer = await fetch(`http://127.0.0.1:${opsPorts.get(name)}/metrics`);
    const samples = parseMetrics(await answer.text());
    const components = new Set(
      samples.flatMap(({ name: metric }) => /^glitchwatch_([a-z]+)_/.exec(metric)?.[1] ?? []),
    );
    expect(components).toContain(name);
    for (const other of names) if (other !== name) expect(components).not.toContain(other);
  });

  it.each(names)('%s: a port in use ends a second process with a sentence', async (name) => {
    const { code, stderr } = await serve(name).ended;
    expect(code).toBe(1);
    expect(stderr).toContain(
      `Cannot listen on 127.0.0.1:${opsPorts.get(name)}: the port is already in use`,
    );
  });

  it('SIGTERM stops each cleanly', async () => {
    for (const name of names) {
      const one = running.get(name);
      expect(one && (await stopGently(one)), name).toBe(0);
    }
  });
});
