import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { watchFiles } from '../src/watch-files.js';
import { temporaryFolder } from './harness.js';

let folder: { dir: string; remove(): Promise<void> };
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

it('gives a file once that was being written when the watch began, and again when it is written anew', async () => {
  const dir = join(folder.dir, 'watched');
  await mkdir(dir);
  const early = join(dir, 'early.csv');
  await writeFile(early, 'begun');
  const slowly = async (): Promise<void> => {
    for (let line = 0; line < 20; line += 1) {
      await pause(30);
      await appendFile(early, ' and gone on');
    }
  };
  const written = slowly();
  const ending = new AbortController();
  const given: string[] = [];
  const files = watchFiles({
    dirs: [dir],
    writeFinishMs: 300,
    isWanted: (file) => file.endsWith('.csv'),
    everyMs: 100,
    signal: ending.signal,
  });
  let idle = 0;
  for await (const file of files) {
    if (file !== undefined) given.push(`${basename(file)}: ${await readFile(file, 'utf8')}`);
    idle = file === undefined ? idle + 1 : 0;
    // Whatever else the file system tells of it has been told by then.
    if (idle < 15 || given.length === 0) continue;
    idle = 0;
    if (given.at(-1) === 'last.csv: x') ending.abort();
    else if (given.length === 1) await writeFile(early, 'other');
    else await writeFile(join(dir, 'last.csv'), 'x');
  }
  await written;
  expect(given).toEqual([
    `early.csv: begun${' and gone on'.repeat(20)}`,
    'early.csv: other',
    'last.csv: x',
  ]);
});
