import type { Logger } from '@glitchwatch/service-kit';
import { openRedisStateStore, type StateStore } from '@glitchwatch/state-store';
import type { RedisSettings } from './settings.js';

export function openRedis(settings: RedisSettings, logger: Logger): Promise<StateStore> {
  const state = logger.child({ component: 'state-store' });
  return openRedisStateStore({
    ...settings,
    onConnection: ({ role, isConnected, reason }) => {
      if (isConnected) state.info({ role }, 'Redis is connected');
      else state.warn({ role, reason }, 'Redis is away; going on without it');
    },
  });
}
