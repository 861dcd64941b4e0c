import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { freePort } from '../../../test/fixtures/free-ports.js';
import { temporaryFolder } from './harness.js';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
let folder: { dir: string; remove(): Promise<void> };
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

function start(env: Record<string, string>) {
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, GLITCHWATCH_DATA_DIR: folder.dir, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, exited, output: () => output };
}

it('runs as a process of its own, is ready, and ends with 0 on SIGTERM', async () => {
  const port = await freePort();
  const { child, exited, output } = start({
    GLITCHWATCH_INGEST_HTTP_PORT: '0',
    GLITCHWATCH_INGEST_GRPC_PORT: '0',
    GLITCHWATCH_OPS_PORT: String(port),
  });
  await vi.waitFor(
    async () => expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200),
    { timeout: 15_000, interval: 100 },
  );
  child.kill('SIGTERM');
  expect(await exited, output()).toBe(0);
  expect(output()).toContain('ingest listens');
});

it('ends with 1 and names the field where the environment is wrong', async () => {
  const { exited, output } = start({ GLITCHWATCH_INGEST_HTTP_PORT: 'eighty' });
  expect(await exited).toBe(1);
  expect(output()).toMatch(/Bad ingest configuration: http\.port/);
});
