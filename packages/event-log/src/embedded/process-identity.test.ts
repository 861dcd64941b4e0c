import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hasDied, ownProcessIdentity } from './process-identity.js';

const own = ownProcessIdentity();

describe.skipIf(own === undefined)('process identity (only where there is /proc)', () => {
  test('this process runs, another that was killed does not', async () => {
    expect(hasDied(own!, own)).toBe(false);
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    await new Promise((resolve) => child.once('spawn', resolve));
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    const identity = { ...own!, pid: child.pid!, startTicks: stat[19]! };
    expect(hasDied(identity, own)).toBe(false);
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
    expect(hasDied(identity, own)).toBe(true);
  });

  test('a reused process id is not the same process', () => {
    expect(hasDied({ ...own!, startTicks: '1' }, own)).toBe(true);
  });

  test('of what runs elsewhere nothing is known', () => {
    expect(hasDied({ ...own!, space: 'another machine', pid: 999_999 }, own)).toBe(false);
    expect(hasDied(null, own)).toBe(false);
    expect(hasDied({ ...own!, pid: 999_999 }, undefined)).toBe(false);
  });
});
