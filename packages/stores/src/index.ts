export { storeSettingsFromEnvironment, storeVariables } from './environment.js';
export {
  describeStores,
  openBlobStore,
  openEventLog,
  openStateStore,
  openStores,
  type Stores,
} from './open.js';
export {
  type KafkaSettings,
  type RedisSettings,
  type StoreSettings,
  storeSettingsSchema,
} from './settings.js';
