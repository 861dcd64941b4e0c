import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const module = new URL('../dist/background-thread.js', import.meta.url);

/** Priorities of a fresh process's threads after `call`: its main thread, then all others. */
async function prioritiesAfter(call: string): Promise<{ main: number; others: number[] }> {
  const script = `
    import { readdirSync } from 'node:fs';
    import { getPriority, setPriority } from 'node:os';
    import * as thread from '${module.href}';
    const threads = () => readdirSync('/proc/self/task').map(Number);
    ${call};
    const others = threads().filter((id) => id !== process.pid);
    const found = { main: getPriority(process.pid), others: others.map((id) => getPriority(id)) };
    process.stdout.write(JSON.stringify(found));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script]);
  return JSON.parse(stdout) as { main: number; others: number[] };
}

describe.skipIf(process.platform !== 'linux')(
  'threads of the runtime (Linux alone gives threads priorities of their own)',
  () => {
    it('give way, and the main thread does not', async () => {
      const before = await prioritiesAfter('');
      const after = await prioritiesAfter('thread.runtimeGivesWayToLiveWork()');

      expect(before.others.length).toBeGreaterThan(0);
      expect(new Set(before.others)).toEqual(new Set([before.main]));
      expect(after.main).toBe(before.main);
      expect(new Set(after.others)).toEqual(new Set([10]));
    });

    it('stay where they are below that, as those of a process started with nice', async () => {
      const after = await prioritiesAfter(
        'for (const id of threads()) setPriority(id, 15); thread.runtimeGivesWayToLiveWork()',
      );

      expect(new Set([after.main, ...after.others])).toEqual(new Set([15]));
    });
  },
);
