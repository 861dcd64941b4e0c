import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { gridMessage, startBench, temporaryFolder } from './harness.js';

let folder: { dir: string; remove(): Promise<void> };
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const child = fileURLToPath(new URL('./kill-child.mjs', import.meta.url));

/** Runs the child over glitches 0 to 199 and kills it after `killAfter` of them. */
async function runChild(killAfter: number): Promise<{ acknowledged: number[]; accepted: number }> {
  const grid = gridMessage(1, 1);
  const env = {
    ...process.env,
    KILL_CHILD_GRID: JSON.stringify({ ...grid, data: grid.data.toString('base64') }),
  };
  const running = spawn(process.execPath, [child, folder.dir, '0', '200'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise((resolve) => running.once('exit', resolve));
  const acknowledged: number[] = [];
  let accepted = 0;
  for await (const line of createInterface({ input: running.stdout })) {
    const [index = 0, isNew = 0] = line.split(' ').map(Number);
    acknowledged.push(index);
    accepted += isNew;
    if (acknowledged.length >= killAfter) running.kill('SIGKILL');
  }
  await exited;
  return { acknowledged, accepted };
}

it('loses nothing acknowledged and doubles nothing when killed again and again', {
  timeout: 120_000,
}, async () => {
  const acknowledged = new Set<number>();
  for (const killAfter of [17, 60, 111, 1000]) {
    const run = await runChild(killAfter);
    for (const index of run.acknowledged) acknowledged.add(index);
  }
  const bench = await startBench({
    dir: folder.dir,
    config: { http: { enabled: false }, grpc: { enabled: false } },
  });
  const ids = (await bench.glitches()).map(({ trigger }) => trigger?.externalId ?? '');
  await bench.close();
  expect(acknowledged.size).toBe(200);
  expect(new Set(ids).size).toBe(200);
  expect(ids).toHaveLength(200);
});
