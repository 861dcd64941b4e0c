import {
  createLogger,
  createProcessRegistry,
  parseConfig,
  serve,
  systemClock,
} from '@glitchwatch/service-kit';
import { openStores, storeSettingsFromEnvironment } from '@glitchwatch/stores';
import { runtimeGivesWayToLiveWork } from './background-thread.js';
import { clustererConfigSchema, readEnvironment } from './config.js';
import { createClustererService } from './service.js';

runtimeGivesWayToLiveWork();
const { env } = process;
const logger = createLogger({ name: 'clusterer', level: env.GLITCHWATCH_LOG_LEVEL });
const registry = createProcessRegistry();
const config = parseConfig(clustererConfigSchema, readEnvironment(env), 'clusterer');
const stores = await openStores(await storeSettingsFromEnvironment(env), logger);
const context = { ...stores, logger, registry, clock: systemClock };
const services = [createClustererService(config, context)];
try {
  process.exitCode = await serve(services, { registry, logger, environment: env });
} finally {
  await stores.close();
}
