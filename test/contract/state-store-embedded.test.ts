import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedStateStore } from '@glitchwatch/state-store';
import { stateStoreContract } from './state-store-contract.js';

stateStoreContract(
  'embedded (LMDB)',
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'glitchwatch-state-store-'));
    return {
      open: () => openEmbeddedStateStore({ dir }),
      inOtherProcess: {
        module: import.meta.resolve('@glitchwatch/state-store'),
        opener: 'openEmbeddedStateStore',
        options: { dir },
      },
      dispose: () => rm(dir, { recursive: true, force: true }),
    };
  },
  15_000,
);
