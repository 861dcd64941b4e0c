export { type EmbeddedStateStoreOptions, openEmbeddedStateStore } from './embedded/open.js';
export { StateStoreError, type StateStoreErrorCode } from './errors.js';
export * from './port.js';
export { openRedisStateStore } from './redis/open.js';
export type { RedisConnectionChange, RedisStateStoreOptions, RedisTls } from './redis/options.js';
