import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedEventLog } from '@glitchwatch/event-log';
import { expect, it } from 'vitest';
import { runCli } from '../fixtures/cli-process.js';
import { dlqCases } from './dlq-cases.js';

dlqCases('embedded', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'glitchwatch-dlq-'));
  const log = await openEmbeddedEventLog({ dir: join(dir, 'log') });
  return {
    log,
    flags: ['--data-dir', dir],
    env: {},
    close: async () => {
      await log.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
});

it('a data folder without a log is a mistyped one', async () => {
  const result = await runCli(['dlq', 'list', '--data-dir', '/nowhere/data']);
  expect(result).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('data folder /nowhere/data: expected an event log'),
  });
});
