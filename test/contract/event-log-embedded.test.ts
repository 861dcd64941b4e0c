import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedEventLog } from '@glitchwatch/event-log';
import { eventLogContract } from './event-log-contract.js';

eventLogContract(
  'embedded (LMDB)',
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'glitchwatch-event-log-'));
    return {
      open: () => openEmbeddedEventLog({ dir }),
      inOtherProcess: {
        module: import.meta.resolve('@glitchwatch/event-log'),
        opener: 'openEmbeddedEventLog',
        options: { dir },
      },
      dispose: () => rm(dir, { recursive: true, force: true }),
    };
  },
  { deadlineMs: 15_000, sessionTimeoutMs: 1500, cleansOnRequest: true },
);
