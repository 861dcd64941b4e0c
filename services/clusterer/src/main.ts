import {
  createLogger,
  createProcessRegistry,
  parseConfig,
  runServices,
  startOpsServer,
  systemClock,
} from '@glitchwatch/service-kit';
import { openStores, storeSettingsFromEnvironment } from '@glitchwatch/stores';
import { clustererConfigSchema, readEnvironment } from './config.js';
import { createClustererService } from './service.js';

const { env } = process;
const logger = createLogger({ name: 'clusterer', level: env.GLITCHWATCH_LOG_LEVEL });
const registry = createProcessRegistry();
const config = parseConfig(clustererConfigSchema, readEnvironment(env), 'clusterer');
const stores = await openStores(await storeSettingsFromEnvironment(env), logger);
const context = { ...stores, logger, registry, clock: systemClock };
const services = [createClustererService(config, context)];
const host = env.GLITCHWATCH_HOST ?? '127.0.0.1';
const port = Number(env.GLITCHWATCH_OPS_PORT ?? 9464);
try {
  const ops = await startOpsServer({ host, port, registry, services, logger });
  process.exitCode = await runServices(services, { logger });
  await ops.close();
} finally {
  await stores.close();
}
