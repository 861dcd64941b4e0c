import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type CliProcess, runCli, spawnCli } from '../fixtures/cli-process.js';
import { glitchesOfClasses, manyGlitches } from '../fixtures/many-glitches.js';
import {
  killHard,
  pickPorts,
  portFlags,
  type StartPorts,
  startGlitchwatch,
  statusOf,
  stopGently,
} from '../fixtures/start-process.js';
import { submitGlitches } from '../fixtures/submit-glitches.js';
import { waitFor } from '../fixtures/wait-for.js';

let dir: string;
const running: CliProcess[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'glitchwatch-start-'));
});
afterEach(async () => {
  for (const one of running.splice(0)) await killHard(one);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function start(dataDir: string, ports: StartPorts): Promise<CliProcess> {
  const started = await startGlitchwatch(dataDir, ports);
  running.push(started);
  return started;
}

/** One sentence of ours on stderr: no stack, no JSON. */
function expectOneSentence(stderr: string, ...parts: string[]): void {
  for (const part of parts) expect(stderr).toContain(part);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(/^glitchwatch: /);
  expect(stderr).not.toMatch(/ {4}at |"level"/);
}

function listenOn(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

describe('two starts on one data folder', () => {
  it('the second ends with a sentence, the first goes on', async () => {
    const [dataDir, ports] = [join(dir, 'twice'), await pickPorts()];
    const first = await start(dataDir, ports);
    const second = await runCli(['start', '--data-dir', dataDir, ...portFlags(await pickPorts())]);
    expect(second.code).toBe(1);
    expectOneSentence(second.stderr, dataDir, `in use by process ${first.child.pid}`);

    const [glitch] = glitchesOfClasses(['Blip']);
    if (!glitch) throw new Error('no glitch');
    expect((await submitGlitches(ports.ingestGrpc, [glitch])).accepted).toBe(1n);
    expect(await stopGently(first)).toBe(0);
    await start(dataDir, ports);
    expect((await statusOf(ports)).nGlitches).toBe(1);
  });
});

describe('a port in use', () => {
  const cases = ['http', 'grpc', 'ingestHttp', 'ingestGrpc', 'metrics'] as const;
  it.each(cases)(
    '%s: the error names host and port, the data folder is free again',
    async (name) => {
      const [dataDir, ports] = [join(dir, `port-${name}`), await pickPorts()];
      const other = await listenOn(ports[name]);
      try {
        const { code, stderr } = await runCli([
          'start',
          '--data-dir',
          dataDir,
          ...portFlags(ports),
        ]);
        expect(code).toBe(1);
        // What started before it may have announced nothing: the banner comes last.
        expectOneSentence(stderr, `127.0.0.1:${ports[name]}`, 'in use');
      } finally {
        other.close();
      }
      await start(dataDir, ports);
    },
  );
});

describe('the end of a start', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('%s is a clean stop', async (signal) => {
    const started = await start(join(dir, signal), await pickPorts());
    started.child.kill(signal);
    const { code, stdout, stderr } = await started.ended;
    expect(code).toBe(0);
    expect(stdout + stderr).not.toMatch(/"level":"(error|fatal)"| {4}at /);
  });

  it('SIGTERM amid work is a clean stop, and the next start goes on', async () => {
    const [dataDir, ports] = [join(dir, 'busy'), await pickPorts()];
    const glitches = manyGlitches(160, { bases: 40 });
    const busy = await start(dataDir, ports);
    const { accepted } = await submitGlitches(ports.ingestGrpc, glitches);
    expect(accepted).toBe(160n);
    // Embedding takes seconds; most of them are in hand.
    expect(await stopGently(busy)).toBe(0);
    expect(busy.output().stderr).not.toMatch(/"level":"(error|fatal)"|Assertion|terminate called/);
    await start(dataDir, ports);
    await waitFor('every glitch to be embedded', async () => {
      const text = await (await fetch(`http://127.0.0.1:${ports.metrics}/readyz`)).text();
      return text.includes('160 glitches known; no model yet') ? true : undefined;
    });
  });

  it('a signal during the start stops it as well', async () => {
    const started = spawnCli([
      'start',
      '--data-dir',
      join(dir, 'early'),
      ...portFlags(await pickPorts()),
      '--log-level',
      'info',
    ]);
    running.push(started);
    await waitFor(
      'its first service',
      () => (started.output().stderr.includes('service started') ? true : undefined),
      { everyMs: 2 },
    );
    expect(await stopGently(started)).toBe(0);
  });

  it('after kill -9 the next start works at once, on the same ports', async () => {
    const [dataDir, ports] = [join(dir, 'killed'), await pickPorts()];
    const first = await start(dataDir, ports);
    expect((await submitGlitches(ports.ingestGrpc, glitchesOfClasses(['Blip']))).accepted).toBe(1n);
    await killHard(first);
    await start(dataDir, ports);
    expect((await statusOf(ports)).nGlitches).toBe(1);
  });
});
