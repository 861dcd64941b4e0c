import { randomUUID } from 'node:crypto';
import { openRedisStateStore } from '@glitchwatch/state-store';
import { findRedis, reportNoRedis } from '../brokers/redis.js';
import { stateStoreContract } from './state-store-contract.js';

const redis = await findRedis();

if (redis.kind === 'none') reportNoRedis('state store: Redis', redis.reason);
else {
  stateStoreContract(
    `Redis (${redis.what})`,
    async () => {
      const server = await redis.start();
      const options = { url: server.url, keyPrefix: `test-${randomUUID()}:` };
      return {
        open: () => openRedisStateStore(options),
        inOtherProcess: {
          module: import.meta.resolve('@glitchwatch/state-store'),
          opener: 'openRedisStateStore',
          options,
        },
        dispose: () => server.dispose(),
      };
    },
    15_000,
  );
}
